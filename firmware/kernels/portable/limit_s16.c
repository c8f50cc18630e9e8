/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/limit.h"

TE_KERNEL te_limit_s16_fn te_limit_s16_portable;

TE_KERNEL void te_limit_s16_portable(const te_limit *restrict p, const int16_t *in, int16_t *out) {
    for (int32_t i = 0; i < p->size; i++)
        out[i] = (int16_t)te_clamp(in[i], p->min, p->max);
}
