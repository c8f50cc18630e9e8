/* SPDX-License-Identifier: Apache-2.0 */
/* te_average_pool_2d for any width of element, eight channels at a time: TE_ELEMENT is its type, TE_SUM that of
 * eight sums, TE_NONE sums of nothing, TE_TYPED(name, end) is name_s8end or name_s16end; included once for each,
 * behind what is done with sums: te_average_pool_2d_s8_reciprocal, _add and _store, or those of s16. */
#include "kernels/helium/pool_2d.h"
#include "kernels/taps.h"

TE_KERNEL TE_TYPED(te_average_pool_2d, _fn) TE_TYPED(te_average_pool_2d, _helium);

TE_KERNEL void TE_TYPED(te_average_pool_2d, _helium)(const te_pool_2d *restrict p, const TE_ELEMENT *in,
                                                     TE_ELEMENT *out) {
    const int32_t pitch = p->in_width * p->channels;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const TE_ELEMENT *image = in + batch * p->in_height * pitch;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, 1, p->kernel_height, p->in_height);
            TE_ROLLED
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                TE_ELEMENT *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->channels;
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps columns = te_taps_inside(left, 1, p->kernel_width, p->in_width);
                const int32_t width = columns.last - columns.first;
                const int32_t taps = (rows.last - rows.first) * width;
                const uint32_t reciprocal = TE_TYPED(te_average_pool_2d, _reciprocal)((uint32_t)taps);
                const TE_ELEMENT *first =
                    image + (top + rows.first) * pitch + (left + columns.first) * p->channels;
                TE_ROLLED
                for (int32_t channel = 0; channel < p->channels; channel += 8) {
                    const mve_pred16_t lanes =
                        vctp16q(p->channels % 8 == 0 ? 8 : (uint32_t)(p->channels - channel));
                    TE_SUM sum = TE_NONE;
                    const TE_ELEMENT *row = first + channel;
                    for (int32_t ky = rows.first; ky < rows.last; ky++) {
                        const TE_ELEMENT *from = row;
                        for (int32_t kx = 0; kx < width; kx++) {
                            sum = TE_TYPED(te_average_pool_2d, _add)(sum, from, lanes);
                            from += p->channels;
                        }
                        row += pitch;
                    }
                    TE_TYPED(te_average_pool_2d, _store)(p, to + channel, sum, taps, reciprocal, lanes);
                }
            }
        }
    }
}

#undef TE_ELEMENT
#undef TE_SUM
#undef TE_NONE
#undef TE_TYPED
