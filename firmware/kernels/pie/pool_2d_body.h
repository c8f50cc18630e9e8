/* SPDX-License-Identifier: Apache-2.0 */
/* A pool, pixel by pixel: TE_POOL(end) is te_max_pool_2d or te_average_pool_2d with the type of its elements,
   TE_ELEMENT, and `end`. TE_POOL(_vector) makes the channels of an output pixel that one vector has, with what
   TE_POOL(_prepare) made of the parameters, a TE_CONSTANTS. Included once for each, behind those. */

/* One output pixel, of whose window `height` rows and `width` columns from x on are inside. */
TE_PIE_INLINE void TE_POOL(_pixel)(te_pie *s, const te_pool_2d *p, const TE_CONSTANTS *constants,
                                   const TE_ELEMENT *x, int32_t height, int32_t width, TE_ELEMENT *out) {
    enum { LANES = TE_PIE_VECTOR / (int)sizeof(TE_ELEMENT) };
    const int32_t whole = p->channels / LANES * LANES;
    TE_PIE_FENCE();
    for (int32_t c = 0; c < whole; c += LANES)
        TE_POOL(_vector)(s, p, constants, x + c, height, width, LANES, out + c);
    if (whole < p->channels)
        TE_POOL(_vector)(s, p, constants, x + whole, height, width, p->channels - whole, out + whole);
}

TE_KERNEL TE_POOL(_fn) TE_POOL(_pie);

#define TE_POOL_2D TE_POOL(_pie)
#define TE_BEFORE                                                                                            \
    TE_CONSTANTS constants;                                                                                  \
    te_pie s = {0};                                                                                          \
    TE_POOL(_prepare)(p, &constants);
#define TE_PIXEL(p, x, height, width, out) TE_POOL(_pixel)(&s, p, &constants, x, height, width, out)
#include "kernels/pool_2d_pixels.h"

#undef TE_CONSTANTS
#undef TE_POOL
