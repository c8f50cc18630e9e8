/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of elements that have places between them, of a vector of neighbours at once: products by ones, in lanes
   of QACC. */
#ifndef TE_PIE_ONES_H
#define TE_PIE_ONES_H

#include "kernels/pie/lanes.h"
#include "kernels/pie/load.h"

/* One in 16 bytes or 8 numbers of 16 bits. */
typedef struct te_pie_ones {
    _Alignas(16) int8_t ones[TE_PIE_VECTOR];
} te_pie_ones;

TE_PIE_INLINE void te_pie_make_ones(te_pie_ones *constants, int wide) {
    for (int32_t i = 0; i < TE_PIE_VECTOR; i++)
        constants->ones[i] = !wide || i % 2 == 0;
}

/* QACC becomes the sums over `height` rows, `pitch` bytes apart, of `width` elements, `step` apart, of the 16
   bytes, or 8 of int16 if `wide`, that begin at `from`. */
TE_PIE_INLINE void te_pie_add_up(te_pie *s, int wide, const te_pie_ones *constants, const int8_t *from,
                                 int32_t height, int32_t pitch, int32_t width, int32_t step) {
    const int8_t *ones = constants->ones;
    TE_PIE_ZERO_QACC(s);
    TE_PIE_VLD(s, 7, ones, 0);
    for (int32_t row = 0; row < height; row++) {
        const int8_t *x = from + row * pitch;
        for (int32_t column = 0; column < width; column++) {
            x = te_pie_load(s, x, step, step % TE_PIE_VECTOR == 0);
            if (wide)
                TE_PIE_WIDE_LD(s, 7, ones, 0, 6, 7);
            else
                TE_PIE_LANES_LD(s, 7, ones, 0, 6, 7);
        }
    }
    (void)ones;
    (void)s;
}

#endif
