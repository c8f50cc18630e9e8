/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/lut.h"

TE_KERNEL te_lut_s16_fn te_lut_s16_portable;

TE_KERNEL void te_lut_s16_portable(const te_lut *restrict p, const void *in, const int16_t *table,
                                   int16_t *out) {
    const uint8_t *from = in;
    for (int32_t i = 0; i < p->size; i++)
        out[i] = table[from[i]];
}
