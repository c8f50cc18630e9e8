/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/abs.h"

TE_KERNEL te_abs_s16_fn te_abs_s16_portable;

TE_KERNEL void te_abs_s16_portable(const te_abs *restrict p, const int16_t *in, int16_t *out) {
    for (int32_t i = 0; i < p->size; i++) {
        const int32_t size = in[i] < 0 ? -in[i] : in[i];
        const int32_t scaled = p->multiplier ? te_requantize(size, p->multiplier, p->shift) : size;
        out[i] = (int16_t)te_min(scaled, INT16_MAX);
    }
}
