/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/clamp.h"

TE_KERNEL te_clamp_s8_fn te_clamp_s8_portable;

TE_KERNEL void te_clamp_s8_portable(const te_clamp_range *p, const int8_t *in, int8_t *out) {
    for (int32_t i = 0; i < p->size; i++)
        out[i] = (int8_t)te_clamp(in[i], p->min, p->max);
}
