/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: the sums of 16 neighbours in QACC, whose lanes tinyedge/plan/layout/pie.py knows
   to be wide enough. */
#include "kernels/mean.h"
#include "kernels/pie/ones.h"

TE_KERNEL te_mean_s8_fn te_mean_s8_pie;

TE_KERNEL void te_mean_s8_pie(const te_mean *restrict p, const int8_t *in, int8_t *out) {
    const int32_t row = p->size[4], line = p->size[3] * row;
    te_pie_ones constants;
    te_pie s = {0};
    te_pie_make_ones(&constants);
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[2]; j++) {
            for (int32_t c = 0; c < row; c += TE_PIE_VECTOR) {
                _Alignas(16) int8_t lanes[TE_PIE_LANES];
                const int32_t count = te_min(row - c, TE_PIE_VECTOR);
                TE_PIE_FENCE();
                te_pie_add_up(&s, &constants, in + j * line + c, p->size[1], p->size[2] * line, p->size[3],
                              row);
                te_pie_store_lanes(&s, lanes);
                for (int32_t at = 0; at < count; at++) {
                    const int32_t sum = te_pie_lane(lanes, at) + p->start;
                    const int32_t scaled = te_requantize(sum, p->multiplier, p->shift) + p->out_zero_point;
                    *out++ = (int8_t)te_clamp(scaled, p->out_min, p->out_max);
                }
            }
        }
        in += p->size[1] * p->size[2] * line;
    }
}
