/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of int8 elements that have places between them, of 16 neighbours at once: products by ones, in lanes of
   QACC. */
#ifndef TE_PIE_ONES_H
#define TE_PIE_ONES_H

#include "kernels/pie/lanes.h"

/* One in 16 bytes, then what QACC starts with. */
typedef struct te_pie_ones {
    _Alignas(16) int8_t ones[TE_PIE_VECTOR];
    int8_t zeros[3 * TE_PIE_VECTOR];
} te_pie_ones;

TE_PIE_INLINE void te_pie_make_ones(te_pie_ones *constants) {
    memset(constants->ones, 1, sizeof constants->ones);
    memset(constants->zeros, 0, sizeof constants->zeros);
}

/* QACC becomes the sums over `height` rows, `pitch` apart, of `width` elements, `step` apart, of the 16 that
   begin at `from`. */
TE_PIE_INLINE void te_pie_add_up(te_pie *s, const te_pie_ones *constants, const int8_t *from, int32_t height,
                                 int32_t pitch, int32_t width, int32_t step) {
    const int8_t *zeros = constants->zeros, *ones = constants->ones;
    TE_PIE_LD_QACC_LL(s, zeros, 0);
    TE_PIE_LD_QACC_HL(s, zeros, 0);
    TE_PIE_LD_QACC_LH(s, zeros, 0);
    TE_PIE_LD_QACC_HH(s, zeros, 0);
    TE_PIE_VLD(s, 7, ones, 0);
    for (int32_t row = 0; row < height; row++) {
        const int8_t *x = from + row * pitch;
        for (int32_t column = 0; column < width; column++) {
            if (step % TE_PIE_VECTOR == 0) {
                TE_PIE_VLD_XP(s, 6, x, step);
            } else {
                const int8_t *both = x;
                TE_PIE_VLD_USAR(s, 5, both, 16);
                TE_PIE_VLD(s, 6, both, 0);
                TE_PIE_SRC(s, 6, 5, 6);
                x += step;
            }
            TE_PIE_LANES_LD(s, 7, ones, 0, 6, 7);
        }
    }
    (void)zeros;
    (void)ones;
    (void)s;
}

#endif
