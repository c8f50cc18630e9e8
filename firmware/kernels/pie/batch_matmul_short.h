/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs of int16 for sums of 40 bits. */
#ifndef TE_PIE_BATCH_MATMUL_SHORT_H
#define TE_PIE_BATCH_MATMUL_SHORT_H

#include "kernels/pie/batch_matmul.h"

/* `sum` is the lower half of ACCX. */
TE_PIE_INLINE int16_t te_pie_batch_matmul_short(te_pie *s, const te_batch_matmul *p, int32_t sum) {
    int32_t upper;
    TE_PIE_ACCX_UPPER(s, upper);
    (void)s;
    const int64_t whole = (int64_t)((uint64_t)(uint32_t)(int8_t)upper << 32 | (uint32_t)sum);
    return te_pie_limited_s16(te_requantize_reduced(whole, p->multiplier, p->shift), p->out_min, p->out_max);
}

#endif
