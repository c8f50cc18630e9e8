/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: the sums of 16 channels in QACC, whose lanes tinyedge/plan/layout/pie.py knows
   to be wide enough. */
#include "kernels/pie/ones.h"
#include "kernels/pool_2d.h"
#include "kernels/taps.h"

/* The averages of the `count` first lanes over `taps` elements. */
TE_PIE_INLINE void te_average_pool_2d_s8_pie_finish(te_pie *s, const te_pool_2d *p, int32_t taps,
                                                    int32_t count, int8_t *out) {
    _Alignas(16) int8_t lanes[TE_PIE_LANES];
    te_pie_store_lanes(s, lanes);
    for (int32_t i = 0; i < count; i++) {
        const int32_t sum = te_pie_lane(lanes, i);
        const int32_t half = sum < 0 ? -(taps / 2) : taps / 2;
        out[i] = (int8_t)te_clamp((sum + half) / taps, p->out_min, p->out_max);
    }
}

TE_KERNEL te_average_pool_2d_s8_fn te_average_pool_2d_s8_pie;

TE_KERNEL void te_average_pool_2d_s8_pie(const te_pool_2d *restrict p, const int8_t *in, int8_t *out) {
    te_pie_ones constants;
    te_pie s = {0};
    te_pie_make_ones(&constants);
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, 1, p->kernel_height, p->in_height);
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps columns = te_taps_inside(left, 1, p->kernel_width, p->in_width);
                const int32_t height = rows.last - rows.first, width = columns.last - columns.first;
                int8_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->channels;
                const int8_t *from =
                    image + ((top + rows.first) * p->in_width + left + columns.first) * p->channels;
                TE_PIE_FENCE();
                for (int32_t c = 0; c < p->channels; c += TE_PIE_VECTOR) {
                    te_pie_add_up(&s, &constants, from + c, height, p->in_width * p->channels, width,
                                  p->channels);
                    te_average_pool_2d_s8_pie_finish(&s, p, height * width,
                                                     te_min(p->channels - c, TE_PIE_VECTOR), to + c);
                }
            }
        }
    }
}
