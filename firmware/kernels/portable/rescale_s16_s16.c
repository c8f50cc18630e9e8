/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rescale.h"

TE_KERNEL te_rescale_s16_s16_fn te_rescale_s16_s16_portable;

TE_KERNEL void te_rescale_s16_s16_portable(const te_rescale *restrict p, const int16_t *in, int16_t *out) {
    for (int32_t i = 0; i < p->size; i++)
        out[i] = (int16_t)te_rescaled(p, in[i]);
}
