/* SPDX-License-Identifier: Apache-2.0 */
/* The real Fourier transform in 32 bits: what it gives is divided by the number of samples, so no sum of
   values of at most 2^30 exceeds them. */
#ifndef TE_FOURIER_H
#define TE_FOURIER_H

#include "kernels/kernel.h"

typedef struct te_point {
    int32_t re, im;
} te_point;

/* What one size of transform needs, made by tinyedge/arithmetic/fourier.py. */
typedef struct te_fourier {
    int32_t points;         /* complex ones: half of the real samples; a power of 2, 4 to 16384 */
    const te_point *root;   /* [points]: 2^30 * exp(-2 pi i k / points), so that a product is quartered */
    const te_point *unfold; /* [points / 2]: 2^31 * exp(-pi i ((k + 1) / points + 1/2)) */
} te_fourier;

/* a * w / 2^32. */
static inline te_point te_fourier_times(te_point a, te_point w) {
    return (te_point){te_product_high(a.re, w.re) - te_product_high(a.im, w.im),
                      te_product_high(a.re, w.im) + te_product_high(a.im, w.re)};
}

static inline te_point te_fourier_shifted(te_point a, int32_t bits) {
    return (te_point){a.re >> bits, a.im >> bits};
}

/* value * 2^bits, rounded down. */
static inline int32_t te_fourier_scaled(int32_t value, int32_t bits) {
    return bits < 0 ? value >> -bits : (int32_t)((uint32_t)value << bits);
}

static inline te_point te_fourier_lifted(te_point a, int32_t bits) {
    return (te_point){te_fourier_scaled(a.re, bits), te_fourier_scaled(a.im, bits)};
}

static inline te_point te_fourier_plus(te_point a, te_point b) {
    return (te_point){a.re + b.re, a.im + b.im};
}

static inline te_point te_fourier_minus(te_point a, te_point b) {
    return (te_point){a.re - b.re, a.im - b.im};
}

/* Pairs of points side by side, whose values are short of 2^30 by `room` bits. */
static inline void te_fourier_twos(const te_fourier *f, te_point *z, int32_t room) {
    for (int32_t i = 0; i < f->points; i += 2) {
        const te_point a = te_fourier_lifted(z[i], room - 1), b = te_fourier_lifted(z[i + 1], room - 1);
        z[i] = te_fourier_plus(a, b);
        z[i + 1] = te_fourier_minus(a, b);
    }
}

/* Four points, `m` apart, of which the later three are already turned. */
static inline void te_fourier_four(te_point *at, int32_t m, te_point a, te_point b, te_point c, te_point d) {
    const te_point even = te_fourier_plus(a, c), odd = te_fourier_minus(a, c);
    const te_point sum = te_fourier_plus(b, d), difference = te_fourier_minus(b, d);
    at[0] = te_fourier_plus(even, sum);
    at[m] = (te_point){odd.re + difference.im, odd.im - difference.re};
    at[2 * m] = te_fourier_minus(even, sum);
    at[3 * m] = (te_point){odd.re - difference.im, odd.im + difference.re};
}

/* Four neighbours, as te_fourier_twos. */
static inline void te_fourier_ones(const te_fourier *f, te_point *z, int32_t room) {
    for (te_point *at = z; at < z + f->points; at += 4)
        te_fourier_four(at, 1, te_fourier_lifted(at[0], room - 2), te_fourier_lifted(at[1], room - 2),
                        te_fourier_lifted(at[2], room - 2), te_fourier_lifted(at[3], room - 2));
}

/* Four transforms of `m` points each become one of 4 m. */
static inline void te_fourier_fours(const te_fourier *f, te_point *z, int32_t m) {
    const int32_t stride = f->points / (4 * m);
    for (int32_t first = 0; first < f->points; first += 4 * m) {
        te_point *at = z + first;
        te_fourier_four(at, m, te_fourier_shifted(at[0], 2), te_fourier_shifted(at[m], 2),
                        te_fourier_shifted(at[2 * m], 2), te_fourier_shifted(at[3 * m], 2));
        for (int32_t k = stride; k < m * stride; k += stride) {
            at++;
            te_fourier_four(at, m, te_fourier_shifted(at[0], 2), te_fourier_times(at[m], f->root[k]),
                            te_fourier_times(at[2 * m], f->root[2 * k]),
                            te_fourier_times(at[3 * m], f->root[3 * k]));
        }
    }
}

/* value / 2^shift to the nearest, ties up; shift may be negative. */
static inline int32_t te_fourier_rounded(int32_t value, int32_t shift) {
    if (shift <= 0)
        return (int32_t)((uint32_t)value << -shift);
    return ((value >> (shift - 1)) + 1) >> 1;
}

static inline te_point te_fourier_bin(int32_t re, int32_t im, int32_t shift) {
    return (te_point){te_fourier_rounded(re, shift), te_fourier_rounded(im, shift)};
}

/* Bins k and points - k, 1 <= k <= points / 2, of the spectrum of the real samples whose pairs were points,
   divided by 2^shift. */
static inline void te_fourier_unfold(const te_fourier *f, te_point *z, int32_t k, int32_t shift) {
    te_point *mirror = z + f->points - k;
    const te_point low = te_fourier_shifted(z[k], 1), mirrored = te_fourier_shifted(*mirror, 1);
    const te_point high = {mirrored.re, -mirrored.im};
    const te_point sum = te_fourier_shifted(te_fourier_plus(low, high), 1);
    const te_point turned = te_fourier_times(te_fourier_minus(low, high), f->unfold[k - 1]);
    z[k] = te_fourier_bin(sum.re + turned.re, sum.im + turned.im, shift);
    *mirror = te_fourier_bin(sum.re - turned.re, turned.im - sum.im, shift);
}

/* The first bin and the one behind the last point, divided by 2^shift. */
static inline void te_fourier_ends(const te_fourier *f, te_point *z, int32_t shift) {
    const te_point ends = te_fourier_shifted(z[0], 1);
    z[0] = te_fourier_bin(ends.re + ends.im, 0, shift);
    z[f->points] = te_fourier_bin(ends.re - ends.im, 0, shift);
}

/* z [points + 1]: on entry, in the transform's order, pairs of real samples of magnitude 2^30 at most when
   times 2^room; on return the spectrum of these, divided by 2 * points and by 2^shift, to the nearest. */
static inline void te_fourier_real(const te_fourier *f, te_point *z, int32_t room, int32_t shift) {
    int32_t m = 4;
    /* A power of 4, or twice one. */
    if ((f->points & 0x2AAA) != 0) {
        te_fourier_twos(f, z, room);
        m = 2;
    } else {
        te_fourier_ones(f, z, room);
    }
    for (; m < f->points; m *= 4)
        te_fourier_fours(f, z, m);
    te_fourier_ends(f, z, shift);
    for (int32_t k = 1; k <= f->points / 2; k++)
        te_fourier_unfold(f, z, k, shift);
}

#endif
