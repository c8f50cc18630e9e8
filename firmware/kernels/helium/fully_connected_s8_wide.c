/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/helium/dense.h"
#include "kernels/wide.h"

TE_KERNEL te_fully_connected_s8_wide_fn te_fully_connected_s8_wide_helium;

TE_KERNEL void te_fully_connected_s8_wide_helium(const te_fully_connected *restrict p, const int8_t *in,
                                                 const int8_t *weights, const int32_t *bias,
                                                 const int32_t *multiplier, const uint32_t *low,
                                                 const int8_t *shift, int8_t *out) {
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights;
        int32_t rows = TE_FULLY_CONNECTED_HELIUM_ROWS;
        for (int32_t channel = 0; channel < p->channels; channel += rows) {
            int32_t sums[TE_FULLY_CONNECTED_HELIUM_ROWS];
            if (p->channels - channel >= TE_FULLY_CONNECTED_HELIUM_ROWS) {
                vstrwq_s32(sums,
                           te_dense_sums(in, w, bias + channel, p->depth, TE_FULLY_CONNECTED_HELIUM_ROWS));
            } else {
                rows = 1;
                vstrwq_s32(sums, te_dense_sums(in, w, bias + channel, p->depth, 1));
            }
            for (int32_t i = 0; i < rows; i++) {
                const int32_t c = (channel + i) * p->channel_step;
                const int32_t scaled = te_requantize_wide(sums[i], multiplier[c], low[c], shift[c], 1);
                *out++ = (int8_t)te_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
            }
            w += rows * p->depth;
        }
        in += p->depth;
    }
}
