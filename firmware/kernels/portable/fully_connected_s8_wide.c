/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dot.h"
#include "kernels/fully_connected.h"
#include "kernels/wide.h"

TE_KERNEL te_fully_connected_s8_wide_fn te_fully_connected_s8_wide_portable;

TE_KERNEL void te_fully_connected_s8_wide_portable(const te_fully_connected *restrict p, const int8_t *in,
                                                   const int8_t *weights, const int32_t *bias,
                                                   const int32_t *multiplier, const uint32_t *low,
                                                   const int8_t *shift, int8_t *out) {
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t channel = 0; channel < p->channels; channel++) {
            const int32_t sum = bias[channel] + te_dot_s8(in, weights + channel * p->depth, p->depth);
            const int32_t c = channel * p->channel_step;
            const int32_t scaled = te_requantize_wide(sum, multiplier[c], low[c], shift[c], 1);
            *out++ = (int8_t)te_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
        }
        in += p->depth;
    }
}
