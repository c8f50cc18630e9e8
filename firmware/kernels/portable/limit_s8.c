/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/limit.h"

TE_KERNEL te_limit_s8_fn te_limit_s8_portable;

TE_KERNEL void te_limit_s8_portable(const te_limit *restrict p, const int8_t *in, int8_t *out) {
    for (int32_t i = 0; i < p->size; i++)
        out[i] = (int8_t)te_clamp(in[i], p->min, p->max);
}
