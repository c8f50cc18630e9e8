/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rescale.h"

TE_KERNEL te_rescale_s16_s32_fn te_rescale_s16_s32_portable;

TE_KERNEL void te_rescale_s16_s32_portable(const te_rescale *restrict p, const int16_t *in, int32_t *out) {
    for (int32_t i = 0; i < p->size; i++)
        out[i] = te_rescaled(p, in[i]);
}
