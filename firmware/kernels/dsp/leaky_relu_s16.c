/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/halves.h"
#include "kernels/leaky_relu.h"
#include "kernels/unrolled.h"

TE_KERNEL te_leaky_relu_s16_fn te_leaky_relu_s16_dsp;

TE_KERNEL void te_leaky_relu_s16_dsp(const te_leaky_relu *restrict p, const int16_t *in, int16_t *out) {
    TE_FOURFOLD
    for (int32_t i = 0; i < p->size; i++) {
        const int32_t v = in[i];
        const int32_t scaled = v >= 0 ? te_halves_requantize(v, p->multiplier, p->shift, 0)
                                      : te_halves_requantize(v, p->negative_multiplier, p->negative_shift, 0);
        out[i] = (int16_t)te_halves_saturate_s16(scaled);
    }
}
