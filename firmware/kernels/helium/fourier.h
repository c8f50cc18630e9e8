/* SPDX-License-Identifier: Apache-2.0 */
/* The real Fourier transform in 32 bits, four points at a time: to the bit what kernels/fourier.h says. */
#ifndef TE_HELIUM_FOURIER_H
#define TE_HELIUM_FOURIER_H

#include "kernels/fourier.h"

#include <arm_mve.h>

enum {
    TE_FOURIER_LEAST = 16
}; /* points; fewer are not worth a vector: tinyedge/plan/layout/helium_spectra.py */

typedef struct te_points {
    int32x4_t re, im;
} te_points;

/* GCC 12 moves VLD2 and VST2 on by a register, which they cannot, where it sees how a loop's place moves. */
#ifdef __clang__
#define TE_POINTS_AT(place) (void)0
#else
#define TE_POINTS_AT(place) __asm__("" : "+r"(place))
#endif

/* Four points side by side; and four that are `words` apart, each two words. */
static inline te_points te_points_load(const te_point *z) {
    TE_POINTS_AT(z);
    const int32x4x2_t v = vld2q_s32(&z->re);
    return (te_points){v.val[0], v.val[1]};
}

static inline void te_points_store(te_point *z, te_points v) {
    const int32x4x2_t both = {{v.re, v.im}};
    TE_POINTS_AT(z);
    vst2q_s32(&z->re, both);
}

static inline te_points te_points_gather(const te_point *z, uint32x4_t words) {
    return (te_points){vldrwq_gather_shifted_offset_s32(&z->re, words),
                       vldrwq_gather_shifted_offset_s32(&z->im, words)};
}

static inline void te_points_scatter(te_point *z, uint32x4_t words, te_points v) {
    vstrwq_scatter_shifted_offset_s32(&z->re, words, v.re);
    vstrwq_scatter_shifted_offset_s32(&z->im, words, v.im);
}

static inline te_points te_points_lifted(te_points a, int32_t bits) {
    return (te_points){vshlq_r_s32(a.re, bits), vshlq_r_s32(a.im, bits)};
}

static inline te_points te_points_halved(te_points a) {
    return (te_points){vshrq_n_s32(a.re, 1), vshrq_n_s32(a.im, 1)};
}

static inline te_points te_points_plus(te_points a, te_points b) {
    return (te_points){vaddq_s32(a.re, b.re), vaddq_s32(a.im, b.im)};
}

static inline te_points te_points_minus(te_points a, te_points b) {
    return (te_points){vsubq_s32(a.re, b.re), vsubq_s32(a.im, b.im)};
}

static inline te_points te_points_times(te_points a, te_points w) {
    return (te_points){vsubq_s32(vmulhq_s32(a.re, w.re), vmulhq_s32(a.im, w.im)),
                       vaddq_s32(vmulhq_s32(a.re, w.im), vmulhq_s32(a.im, w.re))};
}

/* Four butterflies: in place, of quartered points of which the later three are turned. */
static inline void te_points_four(te_points *v) {
    const te_points even = te_points_plus(v[0], v[2]), odd = te_points_minus(v[0], v[2]);
    const te_points sum = te_points_plus(v[1], v[3]), difference = te_points_minus(v[1], v[3]);
    v[0] = te_points_plus(even, sum);
    v[1] = (te_points){vaddq_s32(odd.re, difference.im), vsubq_s32(odd.im, difference.re)};
    v[2] = te_points_minus(even, sum);
    v[3] = (te_points){vsubq_s32(odd.re, difference.im), vaddq_s32(odd.im, difference.re)};
}

/* Pairs of points side by side. */
static inline void te_points_twos(te_point *z, int32_t points, int32_t room) {
    for (int32_t i = 0; i < points; i += 8) {
        int32x4x4_t v = vld4q_s32(&z[i].re);
        const int32x4_t a_re = vshlq_r_s32(v.val[0], room - 1), a_im = vshlq_r_s32(v.val[1], room - 1);
        const int32x4_t b_re = vshlq_r_s32(v.val[2], room - 1), b_im = vshlq_r_s32(v.val[3], room - 1);
        v.val[0] = vaddq_s32(a_re, b_re);
        v.val[1] = vaddq_s32(a_im, b_im);
        v.val[2] = vsubq_s32(a_re, b_re);
        v.val[3] = vsubq_s32(a_im, b_im);
        vst4q_s32(&z[i].re, v);
    }
}

/* Points 0, m, 2 m and 3 m of four transforms of 4 m points, `turn` of them by w; the first is shifted. */
static inline void te_points_short(te_point *z, int32_t m, int32_t bits, const te_point *w) {
    const uint32x4_t words = vmulq_n_u32(vidupq_n_u32(0, 1), 8 * (uint32_t)m);
    te_points v[4];
    for (int32_t i = 0; i < 4; i++) {
        v[i] = te_points_gather(z + i * m, words);
        v[i] = w == NULL || i == 0
                   ? te_points_lifted(v[i], bits)
                   : te_points_times(v[i], (te_points){vdupq_n_s32(w[i - 1].re), vdupq_n_s32(w[i - 1].im)});
    }
    te_points_four(v);
    for (int32_t i = 0; i < 4; i++)
        te_points_scatter(z + i * m, words, v[i]);
}

/* Four transforms of `m` points, 4 or more, become one of 4 m: four neighbouring butterflies at a time.
   w: of the four the first, second and third roots, real and imaginary parts apart. */
static inline const int32_t *te_points_long(te_point *z, int32_t points, int32_t m, const int32_t *w) {
    for (int32_t k = 0; k < m; k += 4, w += 24) {
        for (te_point *at = z + k; at < z + points; at += 4 * m) {
            te_points v[4] = {te_points_lifted(te_points_load(at), -2)};
            for (int32_t i = 1; i < 4; i++) {
                const te_points turn = {vldrwq_s32(w + 8 * i - 8), vldrwq_s32(w + 8 * i - 4)};
                v[i] = te_points_times(te_points_load(at + i * m), turn);
            }
            te_points_four(v);
            for (int32_t i = 0; i < 4; i++)
                te_points_store(at + i * m, v[i]);
        }
    }
    return w;
}

/* As te_fourier_unfold, of bins k to k + 3 and their mirrors, which are others. */
static inline void te_points_unfold(te_point *low_at, te_point *mirror, const te_point *unfold,
                                    int32_t shift) {
    const uint32x4_t backwards = vddupq_n_u32(6, 2);
    const te_points low = te_points_halved(te_points_load(low_at));
    const te_points mirrored = te_points_halved(te_points_gather(mirror, backwards));
    const te_points sum =
        te_points_halved((te_points){vaddq_s32(low.re, mirrored.re), vsubq_s32(low.im, mirrored.im)});
    const te_points turned = te_points_times(
        (te_points){vsubq_s32(low.re, mirrored.re), vaddq_s32(low.im, mirrored.im)}, te_points_load(unfold));
    te_points_store(low_at, (te_points){vrshlq_n_s32(vaddq_s32(sum.re, turned.re), -shift),
                                        vrshlq_n_s32(vaddq_s32(sum.im, turned.im), -shift)});
    te_points_scatter(mirror, backwards,
                      (te_points){vrshlq_n_s32(vsubq_s32(sum.re, turned.re), -shift),
                                  vrshlq_n_s32(vsubq_s32(turned.im, sum.im), -shift)});
}

/* As te_fourier_real, of at least TE_FOURIER_LEAST points; root: of the stages, one behind another, as they
   take them; unfold: as there, behind a point that counts for nothing. */
static inline void te_points_real(te_point *z, int32_t points, const int32_t *root, const te_point *unfold,
                                  int32_t room, int32_t shift) {
    int32_t m = 4;
    if ((points & 0x2AAA) != 0) {
        te_points_twos(z, points, room);
        for (te_point *at = z; at < z + points; at += 32)
            te_points_short(at, 2, -2, NULL);
        for (te_point *at = z + 1; at < z + points; at += 32)
            te_points_short(at, 2, -2, (const te_point *)(const void *)root);
        root += 6;
        m = 8;
    } else {
        for (te_point *at = z; at < z + points; at += 16)
            te_points_short(at, 1, room - 2, NULL);
    }
    for (; m < points; m *= 4)
        root = te_points_long(z, points, m, root);
    /* Of the first four one is the mean, and its mirror the last bin: made last, by themselves. */
    const te_fourier ends = {points, NULL, unfold + 1};
    const te_point first = z[points] = z[0];
    for (int32_t k = 0; k < points / 2; k += 4)
        te_points_unfold(z + k, z + points - k - 3, unfold + k, shift);
    z[0] = first;
    te_fourier_ends(&ends, z, shift);
    te_fourier_unfold(&ends, z, points / 2, shift);
}

#endif
