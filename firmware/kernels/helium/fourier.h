/* SPDX-License-Identifier: Apache-2.0 */
/* The real Fourier transform in 32 bits, four points at a time: to the bit what kernels/fourier.h says. */
#ifndef TE_HELIUM_FOURIER_H
#define TE_HELIUM_FOURIER_H

#include "kernels/fourier.h"

#include <arm_mve.h>

enum { TE_FOURIER_LEAST = 16 }; /* points; fewer are not worth a vector */

typedef struct te_points {
    int32x4_t re, im;
} te_points;

/* Four points side by side; and four that are `words` apart, each two words. */
static inline te_points te_points_load(const te_point *z) {
    const int32x4x2_t v = vld2q_s32(&z->re);
    return (te_points){v.val[0], v.val[1]};
}

static inline void te_points_store(te_point *z, te_points v) {
    vst2q_s32(&z->re, (int32x4x2_t){{v.re, v.im}});
}

static inline te_points te_points_gather(const te_point *z, uint32x4_t words) {
    return (te_points){vldrwq_gather_shifted_offset_s32(&z->re, words),
                       vldrwq_gather_shifted_offset_s32(&z->im, words)};
}

static inline void te_points_scatter(te_point *z, uint32x4_t words, te_points v) {
    vstrwq_scatter_shifted_offset_s32(&z->re, words, v.re);
    vstrwq_scatter_shifted_offset_s32(&z->im, words, v.im);
}

static inline te_points te_points_quarter(te_points a) {
    return (te_points){vshrq_n_s32(a.re, 2), vshrq_n_s32(a.im, 2)};
}

static inline te_points te_points_plus(te_points a, te_points b) {
    return (te_points){vaddq_s32(a.re, b.re), vaddq_s32(a.im, b.im)};
}

static inline te_points te_points_minus(te_points a, te_points b) {
    return (te_points){vsubq_s32(a.re, b.re), vsubq_s32(a.im, b.im)};
}

static inline te_points te_points_times(te_points a, te_points w) {
    const int32x4_t re = vsubq_s32(vmulhq_s32(a.re, w.re), vmulhq_s32(a.im, w.im));
    const int32x4_t im = vaddq_s32(vmulhq_s32(a.re, w.im), vmulhq_s32(a.im, w.re));
    return (te_points){vshlq_n_s32(re, 1), vshlq_n_s32(im, 1)};
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
static inline void te_points_twos(const te_fourier *f, te_point *z) {
    for (int32_t i = 0; i < f->points; i += 8) {
        int32x4x4_t v = vld4q_s32(&z[i].re);
        const int32x4_t a_re = vshrq_n_s32(v.val[0], 1), a_im = vshrq_n_s32(v.val[1], 1);
        const int32x4_t b_re = vshrq_n_s32(v.val[2], 1), b_im = vshrq_n_s32(v.val[3], 1);
        v.val[0] = vaddq_s32(a_re, b_re);
        v.val[1] = vaddq_s32(a_im, b_im);
        v.val[2] = vsubq_s32(a_re, b_re);
        v.val[3] = vsubq_s32(a_im, b_im);
        vst4q_s32(&z[i].re, v);
    }
}

/* Transforms of `m` points, 1 or 2, become ones of 4 m: butterflies of four transforms at a time. */
static inline void te_points_short(const te_fourier *f, te_point *z, int32_t m) {
    const int32_t stride = f->points / (4 * m);
    const uint32x4_t words = vmulq_n_u32(vidupq_n_u32(0, 1), 8 * (uint32_t)m);
    for (int32_t k = 0; k < m; k++) {
        for (int32_t first = k; first < f->points; first += 16 * m) {
            te_points v[4];
            for (int32_t i = 0; i < 4; i++) {
                v[i] = te_points_quarter(te_points_gather(z + first + i * m, words));
                if (i * k > 0) {
                    const te_point w = f->root[i * k * stride];
                    v[i] = te_points_times(v[i], (te_points){vdupq_n_s32(w.re), vdupq_n_s32(w.im)});
                }
            }
            te_points_four(v);
            for (int32_t i = 0; i < 4; i++)
                te_points_scatter(z + first + i * m, words, v[i]);
        }
    }
}

/* Four transforms of `m` points, 4 or more, become one of 4 m: four neighbouring butterflies at a time. */
static inline void te_points_long(const te_fourier *f, te_point *z, int32_t m) {
    const int32_t stride = f->points / (4 * m);
    const uint32x4_t words = vmulq_n_u32(vidupq_n_u32(0, 1), 2 * (uint32_t)stride);
    for (int32_t k = 0; k < m; k += 4) {
        const te_points w1 = te_points_gather(f->root + k * stride, words);
        const te_points w2 = te_points_gather(f->root + 2 * k * stride, vshlq_n_u32(words, 1));
        const te_points w3 = te_points_gather(f->root + 3 * k * stride, vmulq_n_u32(words, 3));
        const mve_pred16_t still = k == 0 ? 0x000F : 0; /* the first is turned by nothing */
        for (te_point *at = z + k; at < z + f->points; at += 4 * m) {
            te_points v[4], turned[4];
            for (int32_t i = 0; i < 4; i++)
                v[i] = te_points_quarter(te_points_load(at + i * m));
            turned[1] = te_points_times(v[1], w1);
            turned[2] = te_points_times(v[2], w2);
            turned[3] = te_points_times(v[3], w3);
            for (int32_t i = 1; i < 4; i++)
                v[i] = (te_points){vpselq_s32(v[i].re, turned[i].re, still),
                                   vpselq_s32(v[i].im, turned[i].im, still)};
            te_points_four(v);
            for (int32_t i = 0; i < 4; i++)
                te_points_store(at + i * m, v[i]);
        }
    }
}

/* As te_fourier_unfold, of bins k to k + 3 and their mirrors, which are others. */
static inline void te_points_unfold(const te_fourier *f, te_point *z, int32_t k) {
    te_point *mirror = z + f->points - k - 3;
    const uint32x4_t backwards = vddupq_n_u32(6, 2);
    const te_points low = te_points_quarter(te_points_load(z + k));
    const te_points mirrored = te_points_quarter(te_points_gather(mirror, backwards));
    const te_points high = {mirrored.re, vnegq_s32(mirrored.im)};
    const te_points sum = te_points_plus(low, high);
    const te_points turned = te_points_times(te_points_minus(low, high), te_points_load(f->unfold + k - 1));
    te_points_store(z + k, te_points_plus(sum, turned));
    te_points_scatter(mirror, backwards,
                      (te_points){vsubq_s32(sum.re, turned.re), vsubq_s32(turned.im, sum.im)});
}

/* As te_fourier_real, of at least TE_FOURIER_LEAST points. */
static inline void te_points_real(const te_fourier *f, te_point *z) {
    int32_t m = 1;
    if ((f->points & 0x2AAA) != 0) {
        te_points_twos(f, z);
        m = 2;
    }
    te_points_short(f, z, m);
    for (m *= 4; m < f->points; m *= 4)
        te_points_long(f, z, m);
    te_fourier_ends(f, z);
    int32_t k = 1;
    for (; k + 3 < f->points / 2; k += 4)
        te_points_unfold(f, z, k);
    for (; k <= f->points / 2; k++)
        te_fourier_unfold(f, z, k);
}

#endif
