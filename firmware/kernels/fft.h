/* SPDX-License-Identifier: Apache-2.0 */
/* The real Fourier transform of int16, with the scaling and the roundings of kissfft's 16-bit form, to the
   bit: every stage of radix p divides its inputs by p first, and the last step halves. */
#ifndef TE_FFT_H
#define TE_FFT_H

#include "kernels/kernel.h"

typedef struct te_complex {
    int16_t re, im;
} te_complex;

/* What one size of transform needs, made by tinyedge/arithmetic/fourier.py. */
typedef struct te_fft {
    int32_t points;           /* complex ones: half of the real samples; a power of 2, 4 to 16384 */
    const uint16_t *order;    /* [points]: where the point comes from that stands at each place at first */
    const te_complex *root;   /* [points]: 32767 * exp(-2 pi i k / points) */
    const te_complex *unfold; /* [points / 2]: 32767 * exp(-pi i ((k + 1) / points + 1/2)) */
} te_fft;

/* x * y / 2^15 of numbers with 15 fraction bits, ties up. */
static inline int16_t te_fft_round(int32_t product) { return (int16_t)((product + (1 << 14)) >> 15); }

static inline te_complex te_fft_times(te_complex a, te_complex b) {
    return (te_complex){te_fft_round(a.re * b.re - a.im * b.im), te_fft_round(a.re * b.im + a.im * b.re)};
}

static inline te_complex te_fft_over(te_complex a, int32_t divisor) {
    const int32_t share = INT16_MAX / divisor;
    return (te_complex){te_fft_round(a.re * share), te_fft_round(a.im * share)};
}

static inline te_complex te_fft_plus(te_complex a, te_complex b) {
    return (te_complex){(int16_t)(a.re + b.re), (int16_t)(a.im + b.im)};
}

static inline te_complex te_fft_minus(te_complex a, te_complex b) {
    return (te_complex){(int16_t)(a.re - b.re), (int16_t)(a.im - b.im)};
}

/* Pairs of points side by side. */
static inline void te_fft_twos(const te_fft *f, te_complex *z) {
    for (int32_t i = 0; i < f->points; i += 2) {
        const te_complex a = te_fft_over(z[i], 2);
        const te_complex b = te_fft_times(te_fft_over(z[i + 1], 2), f->root[0]);
        z[i] = te_fft_plus(a, b);
        z[i + 1] = te_fft_minus(a, b);
    }
}

/* Four transforms of `m` points each become one of 4 m. */
static inline void te_fft_fours(const te_fft *f, te_complex *z, int32_t m) {
    const int32_t stride = f->points / (4 * m);
    for (int32_t first = 0; first < f->points; first += 4 * m) {
        for (int32_t k = 0; k < m; k++) {
            te_complex *at = z + first + k;
            const te_complex a = te_fft_over(at[0], 4);
            const te_complex b = te_fft_times(te_fft_over(at[m], 4), f->root[k * stride]);
            const te_complex c = te_fft_times(te_fft_over(at[2 * m], 4), f->root[2 * k * stride]);
            const te_complex d = te_fft_times(te_fft_over(at[3 * m], 4), f->root[3 * k * stride]);
            const te_complex even = te_fft_plus(a, c), odd = te_fft_minus(a, c);
            const te_complex sum = te_fft_plus(b, d), difference = te_fft_minus(b, d);
            at[0] = te_fft_plus(even, sum);
            at[m] = (te_complex){(int16_t)(odd.re + difference.im), (int16_t)(odd.im - difference.re)};
            at[2 * m] = te_fft_minus(even, sum);
            at[3 * m] = (te_complex){(int16_t)(odd.re - difference.im), (int16_t)(odd.im + difference.re)};
        }
    }
}

/* samples [2 * points] -> spectrum [points + 1]; work [points]. None may overlap another. */
static inline void te_fft_real(const te_fft *f, const int16_t *samples, te_complex *work,
                               te_complex *spectrum) {
    const int32_t n = f->points;
    for (int32_t i = 0; i < n; i++) {
        const int32_t from = f->order[i];
        work[i] = (te_complex){samples[2 * from], samples[2 * from + 1]};
    }
    int32_t m = 1;
    /* A power of 4, or twice one. */
    if ((n & 0x2AAA) != 0) {
        te_fft_twos(f, work);
        m = 2;
    }
    for (; m < n; m *= 4)
        te_fft_fours(f, work, m);
    const te_complex ends = te_fft_over(work[0], 2);
    spectrum[0] = (te_complex){(int16_t)(ends.re + ends.im), 0};
    spectrum[n] = (te_complex){(int16_t)(ends.re - ends.im), 0};
    for (int32_t k = 1; k <= n / 2; k++) {
        const te_complex low = te_fft_over(work[k], 2);
        const te_complex mirrored = {work[n - k].re, (int16_t)-work[n - k].im};
        const te_complex high = te_fft_over(mirrored, 2);
        const te_complex sum = te_fft_plus(low, high);
        const te_complex turned = te_fft_times(te_fft_minus(low, high), f->unfold[k - 1]);
        spectrum[k] =
            (te_complex){(int16_t)((sum.re + turned.re) >> 1), (int16_t)((sum.im + turned.im) >> 1)};
        spectrum[n - k] =
            (te_complex){(int16_t)((sum.re - turned.re) >> 1), (int16_t)((turned.im - sum.im) >> 1)};
    }
}

#endif
