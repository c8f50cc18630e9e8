/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements at a time: as 16 bits, and as 32 in two vectors, those of even and those of odd lanes. */
#ifndef TE_HELIUM_EIGHT_H
#define TE_HELIUM_EIGHT_H

#include "kernels/helium/vector.h"

typedef struct te_eight {
    int32x4_t even, odd;
} te_eight;

static inline te_eight te_eight_product(int16x8_t a, int16x8_t b) {
    const te_eight product = {vmullbq_int_s16(a, b), vmulltq_int_s16(a, b)};
    return product;
}

static inline te_eight te_eight_widen(int16x8_t a) {
    const te_eight wide = {vmovlbq_s16(a), vmovltq_s16(a)};
    return wide;
}

/* te_requantize of every lane by numbers of the layer. */
static inline te_eight te_eight_requantize(te_eight v, int32_t multiplier, int32_t shift) {
    v.even = te_requantize_all_x4(v.even, multiplier, shift);
    v.odd = te_requantize_all_x4(v.odd, multiplier, shift);
    return v;
}

/* Back to 16 bits, saturating. */
static inline int16x8_t te_eight_narrow(te_eight v) {
    return vqmovntq_s32(vqmovnbq_s32(vuninitializedq_s16(), v.even), v.odd);
}

static inline int16x8_t te_eight_clamp_s16(int16x8_t v, int32_t low, int32_t high) {
    if (low == INT16_MIN && high == INT16_MAX)
        return v;
    return vminq_s16(vmaxq_s16(v, vdupq_n_s16((int16_t)low)), vdupq_n_s16((int16_t)high));
}

/* To limits of 8 bits: upper bytes mean nothing then, and are not stored. */
static inline int16x8_t te_eight_clamp_s8(int16x8_t v, int32_t low, int32_t high) {
    if (low == INT8_MIN && high == INT8_MAX)
        return vreinterpretq_s16_s8(vqmovnbq_s16(vuninitializedq_s8(), v));
    return te_eight_clamp_s16(v, low, high);
}

static inline int16x8_t te_eight_load_s8(const int8_t *from, mve_pred16_t lanes) {
    return vldrbq_z_s16(from, lanes);
}

static inline int16x8_t te_eight_load_s16(const int16_t *from, mve_pred16_t lanes) {
    return vldrhq_z_s16(from, lanes);
}

static inline void te_eight_store_s8(void *to, int16x8_t v, mve_pred16_t lanes) {
    vstrbq_p_s16(to, v, lanes);
}

static inline void te_eight_store_s16(int16_t *to, int16x8_t v, mve_pred16_t lanes) {
    vstrhq_p_s16(to, v, lanes);
}

#endif
