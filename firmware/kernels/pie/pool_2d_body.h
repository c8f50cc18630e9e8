/* SPDX-License-Identifier: Apache-2.0 */
/* A pool, pixel by pixel: TE_POOL(end) is te_max_pool_2d or te_average_pool_2d with the type of its elements,
   TE_ELEMENT, and `end`. TE_POOL(_vector) makes the channels of an output pixel that one vector has, with what
   TE_POOL(_prepare) made of the parameters, a TE_CONSTANTS. Included once for each, behind those. */
#include "kernels/taps.h"

/* One output pixel, of whose window `height` rows and `width` columns from x on are inside. */
TE_PIE_INLINE void TE_POOL(_pixel)(te_pie *s, const te_pool_2d *p, const TE_CONSTANTS *constants,
                                   const TE_ELEMENT *x, int32_t height, int32_t width, TE_ELEMENT *out) {
    enum { LANES = TE_PIE_VECTOR / (int)sizeof(TE_ELEMENT) };
    const int32_t whole = p->channels / LANES * LANES;
    for (int32_t c = 0; c < whole; c += LANES)
        TE_POOL(_vector)(s, p, constants, x + c, height, width, LANES, out + c);
    if (whole < p->channels)
        TE_POOL(_vector)(s, p, constants, x + whole, height, width, p->channels - whole, out + whole);
}

TE_KERNEL TE_POOL(_fn) TE_POOL(_pie);

TE_KERNEL void TE_POOL(_pie)(const te_pool_2d *restrict p, const TE_ELEMENT *in, TE_ELEMENT *out) {
    TE_CONSTANTS constants;
    te_pie s = {0};
    TE_POOL(_prepare)(p, &constants);
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const TE_ELEMENT *image = in + batch * p->in_height * p->in_width * p->channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, 1, p->kernel_height, p->in_height);
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps columns = te_taps_inside(left, 1, p->kernel_width, p->in_width);
                const int32_t height = rows.last - rows.first, width = columns.last - columns.first;
                const TE_ELEMENT *from =
                    image + ((top + rows.first) * p->in_width + left + columns.first) * p->channels;
                TE_ELEMENT *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->channels;
                TE_PIE_FENCE();
                if (!TE_PIE_SMALL && height == p->kernel_height && width == p->kernel_width)
                    /* What a compiler may know. */
                    TE_POOL(_pixel)(&s, p, &constants, from, p->kernel_height, p->kernel_width, to);
                else
                    TE_POOL(_pixel)(&s, p, &constants, from, height, width, to);
            }
        }
    }
}

#undef TE_ELEMENT
#undef TE_CONSTANTS
#undef TE_POOL
