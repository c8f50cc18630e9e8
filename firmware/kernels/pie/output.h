/* SPDX-License-Identifier: Apache-2.0 */
/* What the sums of the ESP32-S3's vectors become. */
#ifndef TE_PIE_OUTPUT_H
#define TE_PIE_OUTPUT_H

#include "kernels/pie/pie.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_PIE_SHIFT = 32, /* added to a shift of te_requantize, so that it is not negative */
};

typedef struct te_pie_scaling {
    int32_t left; /* 0: multiplier and shift are for te_requantize, or te_requantize_once if `once` */
    int32_t once, negative; /* negative: what is rounded twice may come out below zero */
    int32_t zero_point, min, max;
} te_pie_scaling;

TE_PIE_INLINE int8_t te_pie_limited_s8(int32_t value, int32_t min, int32_t max) {
    if (min == INT8_MIN && max == INT8_MAX)
        return (int8_t)te_pie_clamp(value);
    return (int8_t)te_clamp(value, min, max);
}

/* With v = floor(sum * multiplier / 2^(32 - left)), both roundings of te_requantize are one shift, but for
   one less where what the second one rounds is negative (requantize_high.h); te_requantize_once has but one,
   whose ties no sum meets. tinyedge/plan/layout/pie_words.py has what is added. `shifted` is sum * 2^left. */
TE_PIE_INLINE int32_t te_pie_rescaled(const te_pie_scaling *how, int32_t shifted, int32_t multiplier,
                                      int32_t added, int32_t shift) {
    if (how->left != 0) {
        int32_t v = te_product_high(shifted, multiplier);
        if (how->negative)
            v += ((v + 1) >> 31) * 2;
        return (v + added) >> shift;
    }
    if (how->once)
        return te_requantize_once(shifted, multiplier, shift) + how->zero_point;
    return te_requantize(shifted, multiplier, shift - TE_PIE_SHIFT) + how->zero_point;
}

TE_PIE_INLINE int8_t te_pie_scaled(const te_pie_scaling *how, int32_t shifted, int32_t multiplier,
                                   int32_t added, int32_t shift) {
    return te_pie_limited_s8(te_pie_rescaled(how, shifted, multiplier, added, shift), how->min, how->max);
}

/* te_requantize and a zero point, in that way where a constant shift allows it: sums are small enough then
   (tinyedge/plan/layout/pie_words.py). Results below the zero point are not looked at unless `negative`. */
TE_PIE_INLINE int32_t te_pie_requantize(int32_t sum, int32_t multiplier, int32_t shift, int32_t zero_point,
                                        int negative) {
    const int32_t left = shift < 0 ? 2 : 0, right = left != 0 ? 1 - shift : shift + TE_PIE_SHIFT;
    const int32_t added = left != 0 ? (1 + 2 * zero_point) * (1 << (right - 1)) + 1 : 0;
    const te_pie_scaling how = {left, 0, negative, zero_point, 0, 0};
    return te_pie_rescaled(&how, (int32_t)((uint32_t)sum << left), multiplier, added, right);
}

TE_PIE_INLINE int16_t te_pie_limited_s16(int32_t value, int32_t min, int32_t max) {
    if (min == INT16_MIN && max == INT16_MAX)
        return (int16_t)te_pie_clamp_s16(value);
    return (int16_t)te_clamp(value, min, max);
}

/* The same of int16: floor(sum * multiplier / 2^32), and what it is rounded with (kernels/short.h). */
TE_PIE_INLINE int16_t te_pie_scaled_s16(int32_t sum, int32_t multiplier, int32_t added, int32_t shift,
                                        int32_t min, int32_t max) {
    return te_pie_limited_s16((te_product_high(sum, multiplier) + added) >> shift, min, max);
}

#endif
