/* SPDX-License-Identifier: Apache-2.0 */
/* What kernels for Helium of any width of element share, and what their layout (tinyedge/plan/layout/helium.py) reads. */
#ifndef TE_HELIUM_RESIZE_BILINEAR_H
#define TE_HELIUM_RESIZE_BILINEAR_H

#include "kernels/helium/vector.h"
#include "kernels/resize_bilinear.h"

enum {
    TE_RESIZE_BILINEAR_HELIUM_FEWEST = 3, /* channels: of less than that too few lanes have one */
};

/* What two rows' means of 2^10 times an element of 8 bits come to, `down` of 1024 parts of the second. */
static inline int32x4_t te_resize_bilinear_mean_8(int32x4_t above, int32x4_t below, int32_t down) {
    const int32x4_t sum = vmlaq_n_s32(vmulq_n_s32(above, 1024 - down), below, down);
    return vrshrq_n_s32(vaddq_s32(sum, vshrq_n_s32(sum, 31)), 20);
}

/* The same of 16 bits, as 2^10 times `sum` and a rest, which only tells whether a negative half is one. */
static inline int32x4_t te_resize_bilinear_mean_16(int32x4_t above, int32x4_t below, int32_t down) {
    const int32x4_t apart = vsubq_s32(below, above), ones = vdupq_n_s32(1023);
    const int32x4_t low = vmulq_n_s32(vandq_s32(apart, ones), down);
    int32x4_t sum = vmlaq_n_s32(above, vshrq_n_s32(apart, 10), down);
    sum = vaddq_s32(sum, vshrq_n_s32(low, 10));
    const int32x4_t rest = vaddq_s32(vandq_s32(low, ones), vshrq_n_s32(sum, 31));
    return vrshrq_n_s32(vaddq_s32(sum, vshrq_n_s32(rest, 10)), 10);
}

#endif
