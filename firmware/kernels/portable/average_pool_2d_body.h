/* SPDX-License-Identifier: Apache-2.0 */
/* te_average_pool_2d for any width of element: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end,
 * name_s16end or name_u8end; included once for each. */
#include "kernels/pool_2d.h"
#include "kernels/taps.h"

enum { TE_TYPED(TE_AVERAGE_POOL_2D, _BLOCK) = 32 };

TE_KERNEL TE_TYPED(te_average_pool_2d, _fn) TE_TYPED(te_average_pool_2d, _portable);

TE_KERNEL void TE_TYPED(te_average_pool_2d, _portable)(const te_pool_2d *p, const TE_ELEMENT *in,
                                                       TE_ELEMENT *out) {
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const TE_ELEMENT *image = in + batch * p->in_height * p->in_width * p->channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, 1, p->kernel_height, p->in_height);
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                TE_ELEMENT *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->channels;
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps columns = te_taps_inside(left, 1, p->kernel_width, p->in_width);
                const int32_t taps = (rows.last - rows.first) * (columns.last - columns.first);
                for (int32_t first = 0; first < p->channels; first += TE_TYPED(TE_AVERAGE_POOL_2D, _BLOCK)) {
                    const int32_t count = te_min(p->channels - first, TE_TYPED(TE_AVERAGE_POOL_2D, _BLOCK));
                    int32_t sums[TE_TYPED(TE_AVERAGE_POOL_2D, _BLOCK)] = {0};
                    for (int32_t row = top + rows.first; row < top + rows.last; row++) {
                        for (int32_t column = left + columns.first; column < left + columns.last; column++) {
                            const TE_ELEMENT *source =
                                image + (row * p->in_width + column) * p->channels + first;
                            for (int32_t i = 0; i < count; i++)
                                sums[i] += source[i];
                        }
                    }
                    for (int32_t i = 0; i < count; i++) {
                        const int32_t half = sums[i] < 0 ? -(taps / 2) : taps / 2;
                        *to++ = (TE_ELEMENT)te_clamp((sums[i] + half) / taps, p->out_min, p->out_max);
                    }
                }
            }
        }
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
