/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/difference.h"

TE_KERNEL te_difference_s16_fn te_difference_s16_portable;

TE_KERNEL void te_difference_s16_portable(const te_difference *restrict p, const int16_t *in,
                                          const int16_t *made, int32_t *out) {
    int64_t sum = 0;
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t apart = (in[i] - p->zero_in) * p->factor_in - (made[i] - p->zero_out) * p->factor_out;
        sum += p->squared ? te_product(apart, apart) : apart < 0 ? -apart : apart;
    }
    const int64_t half = p->shift > 0 ? INT64_C(1) << (p->shift - 1) : 0;
    out[0] = (int32_t)((sum + half) >> p->shift);
}
