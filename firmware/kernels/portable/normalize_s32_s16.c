/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/normalize.h"

TE_KERNEL te_normalize_s32_s16_fn te_normalize_s32_s16_portable;

TE_KERNEL void te_normalize_s32_s16_portable(const te_normalize *restrict p, const int32_t *in,
                                             const int32_t *multiplier, const int64_t *offset, int16_t *out) {
    for (int32_t row = 0; row < p->rows; row++)
        for (int32_t c = 0; c < p->channels; c++)
            *out++ = (int16_t)te_normalized(p, *in++, multiplier[c], offset[c]);
}
