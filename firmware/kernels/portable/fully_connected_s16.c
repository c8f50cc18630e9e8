/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/fully_connected.h"
#include "kernels/wide.h"

TE_KERNEL te_fully_connected_s16_fn te_fully_connected_s16_portable;

TE_KERNEL void te_fully_connected_s16_portable(const te_fully_connected *restrict p, const int16_t *in,
                                               const int8_t *weights, const int64_t *bias,
                                               const int32_t *multiplier, const uint32_t *low,
                                               const int8_t *shift, int16_t *out) {
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t channel = 0; channel < p->channels; channel++) {
            const int64_t sum = bias[channel] + te_dot_s16(in, weights + channel * p->depth, p->depth);
            const int32_t c = channel * p->channel_step;
            const int32_t scaled = te_requantize_wide(sum, multiplier[c], low[c], shift[c], p->once);
            *out++ = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
        }
        in += p->depth;
    }
}
