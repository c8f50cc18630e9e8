/* SPDX-License-Identifier: Apache-2.0 */
/* Four bins at a time, where none is louder than 2^30; the others as the portable kernel does. */
#include "kernels/spectrum.h"

#include <arm_mve.h>

/* 1 / (4 sqrt(x)) of 31 fraction bits, of x in [1/8, 1) with 31, within 2^-18: a cubic that is off by at most
   3.2 % (its coefficients are quartered), then twice y + 8 y (1/16 - x y^2), Newton's method. */
static inline int32x4_t te_spectrum_inverse_root(int32x4_t x) {
    int32x4_t y = vdupq_n_s32(-704404562); /* -1.3121 x^3 + 2.9456 x^2 - 2.3234 x + 0.9320 */
    y = vqrdmlashq_n_s32(y, x, 1581409444);
    y = vqrdmlashq_n_s32(y, x, -1247351500);
    y = vqrdmlashq_n_s32(y, x, 500382652);
    y = vqshlq_n_s32(y, 2);
    for (int32_t i = 0; i < 2; i++) {
        const int32x4_t beyond = vqrdmlashq_n_s32(vqrdmulhq_s32(y, y), x, -(1 << 27));
        y = vsubq_s32(y, vqrdmulhq_s32(y, vshlq_n_s32(beyond, 3)));
    }
    return y;
}

/* Sixteen bits of a square, from the 17th on. */
static inline int32x4_t te_spectrum_middle(int32x4_t a) {
    return vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(vmulq_s32(a, a)), 16));
}

/* The root of a^2 + b^2, which are 2^59 to 2^62, less 1: off by less than 1. The root of the upper half, within
   2^13, and what the rest adds to it. */
static inline int32x4_t te_spectrum_root(int32x4_t a, int32x4_t b) {
    const int32x4_t high = vaddq_s32(vmulhq_s32(a, a), vmulhq_s32(b, b)), x = vshlq_n_s32(high, 1);
    const int32x4_t y = te_spectrum_inverse_root(x), root = vqshlq_n_s32(vqrdmulhq_s32(x, y), 2);
    const int32x4_t middle =
        vsubq_s32(vaddq_s32(te_spectrum_middle(a), te_spectrum_middle(b)), te_spectrum_middle(root));
    /* in 2^16: below 2^29 */
    const int32x4_t rest = vaddq_s32(vshlq_n_s32(vsubq_s32(high, vmulhq_s32(root, root)), 16), middle);
    return vsubq_n_s32(vaddq_s32(root, vrshrq_n_s32(vmulhq_s32(rest, y), 13)), 1);
}

/* Magnitudes of bins with |re| + |im| < 2^30, which are `size`. */
static inline int32x4_t te_spectrum_magnitudes(int32x4_t re, int32x4_t im, int32x4_t size) {
    const int32x4_t up = vsubq_n_s32(vclzq_s32(size), 1); /* 1 at least */
    const int32x4_t scaled = te_spectrum_root(vshlq_s32(re, up), vshlq_s32(im, up));
    /* The magnitude, or one less: then energy - m (m + 1), whose lower half is all of it, is above 0. */
    const int32x4_t m = vrshlq_s32(scaled, vnegq_s32(up));
    const int32x4_t energy = vaddq_s32(vmulq_s32(re, re), vmulq_s32(im, im));
    const mve_pred16_t less = vcmpgtq_n_s32(vsubq_s32(energy, vmulq_s32(m, vaddq_n_s32(m, 1))), 0);
    return vaddq_m_n_s32(m, m, 1, less);
}

static inline void te_spectrum_one_by_one(const int32_t *in, int32_t *out, int32_t bins) {
    for (; bins > 0; bins--, in += 2)
        *out++ = te_energy_root(te_energy((te_point){in[0], in[1]}));
}

TE_KERNEL te_spectrum_s32_s32_fn te_spectrum_s32_s32_helium;

TE_KERNEL void te_spectrum_s32_s32_helium(const te_spectrum *restrict p, const int32_t *in, int32_t *out) {
    const int32_t *const whole = in + 2 * (p->bins & ~3);
    for (; in != whole; in += 8, out += 4) {
        const int32x4x2_t v = vld2q_s32(in);
        const uint32x4_t size = vqaddq_u32(vreinterpretq_u32_s32(vabsq_s32(v.val[0])),
                                           vreinterpretq_u32_s32(vabsq_s32(v.val[1])));
        if (vmaxvq_u32(0, size) >= 1u << 30)
            te_spectrum_one_by_one(in, out, 4);
        else
            vstrwq_s32(out, te_spectrum_magnitudes(v.val[0], v.val[1], vreinterpretq_s32_u32(size)));
    }
    te_spectrum_one_by_one(in, out, p->bins & 3);
}
