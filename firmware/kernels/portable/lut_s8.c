/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/lut.h"

TE_KERNEL te_lut_s8_fn te_lut_s8_portable;

TE_KERNEL void te_lut_s8_portable(const te_lut *restrict p, const void *in, const int8_t *table, void *out) {
    const uint8_t *from = in;
    int8_t *to = out;
    for (int32_t i = 0; i < p->size; i++)
        to[i] = table[from[i]];
}
