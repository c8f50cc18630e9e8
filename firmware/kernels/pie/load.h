/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors that are a step apart, of which the ESP32-S3 loads only those at multiples of 16 at once. */
#ifndef TE_PIE_LOAD_H
#define TE_PIE_LOAD_H

#include "kernels/pie/pie.h"
#include "kernels/unrolled.h"

/* Q6 becomes the vector at x, which with `step` is a multiple of 16 if `aligned`; gives the one `step` further.
   Otherwise Q5 is lost. */
TE_PIE_INLINE const int8_t *te_pie_load(te_pie *s, const int8_t *x, int32_t step, int aligned) {
    if (aligned) {
        TE_PIE_VLD_XP(s, 6, x, step);
        return x;
    }
    const int8_t *both = x;
    TE_PIE_VLD_USAR(s, 5, both, 16);
    TE_PIE_VLD(s, 6, both, 0);
    TE_PIE_SRC(s, 6, 5, 6);
    (void)both;
    (void)s;
    return x + step;
}

/* `count` bytes to any address, and no more. */
TE_PIE_INLINE void te_pie_copy_some(int8_t *to, const int8_t *from, int32_t count) {
    int32_t i = 0;
    TE_UNROLLED_BY_4
    for (; i + 4 <= count; i += 4)
        te_pie_copy_word(to + i, from + i);
    for (; i < count; i++)
        to[i] = from[i];
}

#endif
