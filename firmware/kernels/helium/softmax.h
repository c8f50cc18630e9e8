/* SPDX-License-Identifier: Apache-2.0 */
/* kernels/softmax.h for four elements of 8 bits at once. */
#ifndef TE_HELIUM_SOFTMAX_H
#define TE_HELIUM_SOFTMAX_H

#include "kernels/helium/vector.h"
#include "kernels/newton.h"
#include "kernels/softmax.h"

/* te_softmax_exp of the distances of four elements of `in` from the row's largest. */
static inline int32x4_t te_softmax_fours(const te_softmax *p, const int32_t *exp, int32_t max,
                                         const int8_t *in, mve_pred16_t lanes) {
    const int32x4_t distance = vsubq_s32(vdupq_n_s32(max), vldrbq_z_s32(in, lanes));
    if (p->exps <= UINT8_MAX)
        lanes = vcmpltq_m_n_s32(distance, p->exps, lanes);
    return vldrwq_gather_shifted_offset_z_s32(exp, vreinterpretq_u32_s32(distance), lanes);
}

static inline te_softmax_row te_softmax_measure_fours(const te_softmax *p, const int8_t *in,
                                                      const int32_t *exp) {
    te_softmax_row row = {INT8_MIN, 0, 12};
    TE_ROLLED
    for (int32_t i = 0; i < p->depth; i += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(p->depth - i));
        row.max = vmaxvq_p_s8((int8_t)row.max, vldrbq_z_s8(in + i, lanes), lanes);
    }
    uint32_t sum = 0; /* Q12.19; no power is negative */
    TE_ROLLED
    for (int32_t i = 0; i < p->depth; i += 4) {
        const int32x4_t power = te_softmax_fours(p, exp, row.max, in + i, vctp32q((uint32_t)(p->depth - i)));
        sum = vaddvaq_u32(sum, vreinterpretq_u32_s32(vrshrq_n_s32(power, 12)));
    }
    const int32_t zeros = te_leading_zeros((int32_t)sum);
    row.bits -= zeros;
    row.scale = te_softmax_reciprocal((int32_t)((sum << zeros) - (UINT32_C(1) << 31)));
    return row;
}

/* te_softmax_element of four. */
static inline int32x4_t te_softmax_elements(const te_softmax *p, const int32_t *exp, te_softmax_row row,
                                            const int8_t *in, int32_t width, mve_pred16_t lanes) {
    const int32x4_t power = te_softmax_fours(p, exp, row.max, in, lanes);
    const int32_t right = row.bits + 31 - width;
    return right > 31 ? vdupq_n_s32(0) : vrshlq_n_s32(vqrdmulhq_n_s32(power, row.scale), -right);
}

#endif
