/* SPDX-License-Identifier: Apache-2.0 */
/* A pool, pixel by pixel: TE_POOL_2D is the kernel's name, TE_ELEMENT the type of elements, TE_PIXEL(p, x, height, width,
 * out) makes an output pixel, of whose window `height` rows and `width` columns from x on are inside, and may use what
 * TE_BEFORE, if there is one, declares before the first; included once for each. */
#include "kernels/pool_2d.h"
#include "kernels/taps.h"

TE_KERNEL void TE_POOL_2D(const te_pool_2d *restrict p, const TE_ELEMENT *in, TE_ELEMENT *out) {
#ifdef TE_BEFORE
    TE_BEFORE
#endif
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const TE_ELEMENT *const image = in + batch * p->in_height * p->in_width * p->channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, 1, p->kernel_height, p->in_height);
            TE_ROLLED
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps columns = te_taps_inside(left, 1, p->kernel_width, p->in_width);
                const int32_t height = rows.last - rows.first, width = columns.last - columns.first;
                const TE_ELEMENT *const from =
                    image + ((top + rows.first) * p->in_width + left + columns.first) * p->channels;
                TE_ELEMENT *const to = out + ((batch * p->out_height + y) * p->out_width + x) * p->channels;
#ifndef __OPTIMIZE_SIZE__ /* a compiler may know both, and then unrolls them */
                if (height == p->kernel_height && width == p->kernel_width) {
                    TE_PIXEL(p, from, p->kernel_height, p->kernel_width, to);
                    continue;
                }
#endif
                TE_PIXEL(p, from, height, width, to);
            }
        }
    }
}

#undef TE_POOL_2D
#undef TE_ELEMENT
#undef TE_PIXEL
#undef TE_BEFORE
