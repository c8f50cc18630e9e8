/* SPDX-License-Identifier: Apache-2.0 */
/* A pool for any width of element, for cores without vectors: what eight channels come to is in registers. TE_POOL(end)
 * is te_max_pool_2d or te_average_pool_2d with the type of its elements, TE_ELEMENT, and `end`, TE_FIRST(p) what a channel
 * begins with, TE_JOIN(a, b) what becomes of it and an element, TE_LAST(p, a, taps) the output; included once for each. */
#include "kernels/pool_2d.h"
#include "kernels/unrolled.h"

enum { TE_POOL(_eight) = 8 };

/* `count` channels, one or eight, of a pixel. */
static inline __attribute__((always_inline)) void TE_POOL(_few)(const te_pool_2d *p, const TE_ELEMENT *x,
                                                                int32_t height, int32_t width, int32_t count,
                                                                TE_ELEMENT *out) {
    int32_t found[TE_POOL(_eight)];
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++)
        found[i] = TE_FIRST(p);
    for (int32_t ky = 0; ky < height; ky++) {
        const TE_ELEMENT *from = x + ky * p->in_width * p->channels;
        for (int32_t kx = 0; kx < width; kx++) {
            TE_UNROLLED
            for (int32_t i = 0; i < count; i++)
                found[i] = TE_JOIN(found[i], from[i]);
            from += p->channels;
        }
    }
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++)
        out[i] = (TE_ELEMENT)TE_LAST(p, found[i], height * width);
}

/* As pool_2d_pixels.h has it. */
static inline __attribute__((always_inline)) void
TE_POOL(_pixel)(const te_pool_2d *p, const TE_ELEMENT *x, int32_t height, int32_t width, TE_ELEMENT *out) {
    int32_t c = 0;
    TE_ROLLED
    for (; c + TE_POOL(_eight) <= p->channels; c += TE_POOL(_eight))
        TE_POOL(_few)(p, x + c, height, width, TE_POOL(_eight), out + c);
    TE_ROLLED
    for (; c < p->channels; c++)
        TE_POOL(_few)(p, x + c, height, width, 1, out + c);
}

TE_KERNEL TE_POOL(_fn) TE_POOL(_scalar);

#define TE_POOL_2D TE_POOL(_scalar)
#define TE_PIXEL TE_POOL(_pixel)
#include "kernels/pool_2d_pixels.h"

#undef TE_POOL
#undef TE_FIRST
#undef TE_JOIN
#undef TE_LAST
