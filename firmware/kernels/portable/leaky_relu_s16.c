/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/leaky_relu.h"

TE_KERNEL te_leaky_relu_s16_fn te_leaky_relu_s16_portable;

TE_KERNEL void te_leaky_relu_s16_portable(const te_leaky_relu *restrict p, const int16_t *in, int16_t *out) {
    for (int32_t i = 0; i < p->size; i++) {
        const int32_t scaled = in[i] >= 0 ? te_requantize(in[i], p->multiplier, p->shift)
                                          : te_requantize(in[i], p->negative_multiplier, p->negative_shift);
        out[i] = (int16_t)te_clamp(scaled, INT16_MIN, INT16_MAX);
    }
}
