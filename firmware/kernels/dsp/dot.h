/* SPDX-License-Identifier: Apache-2.0 */
/* te_dot_s8, te_dots_s8 and te_dot_s16, four elements of each at a time. */
#ifndef TE_DSP_DOT_H
#define TE_DSP_DOT_H

#include "kernels/dsp/halves.h"
#include "kernels/unrolled.h"
#include "kernels/wide.h"

static inline __attribute__((always_inline)) int32_t te_halves_dot_s8(const int8_t *a, const int8_t *b,
                                                                      int32_t count) {
    int32_t sum = 0, i = 0;
    TE_UNROLLED_BY_4
    for (; i + 4 <= count; i += 4) {
        const uint32_t x = te_halves_word(a + i), y = te_halves_word(b + i);
        sum = te_halves_add_products(sum, te_halves_even(x), te_halves_even(y));
        sum = te_halves_add_products(sum, te_halves_odd(x), te_halves_odd(y));
        TE_NOW(sum);
    }
    TE_ROLLED
    for (; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* te_dots_s8. */
static inline void te_halves_dots_s8(const int8_t *a, const int8_t *b, int32_t pitch, int32_t rows,
                                     int32_t count, int32_t *sums) {
    for (int32_t i = 0; i < rows; i++)
        sums[i] = te_halves_dot_s8(a, b + i * pitch, count);
}

/* SXTB16 makes pairs of every other weight, and so must be those of activations. */
static inline __attribute__((always_inline)) int64_t te_halves_dot_s16(const int16_t *a, const int8_t *b,
                                                                       int32_t count) {
    int64_t total = 0;
    while (count > 0) {
        const int32_t part = te_min(count, TE_WIDE_PART);
        int32_t sum = 0, i = 0;
        TE_UNROLLED_BY_4
        for (; i + 4 <= part; i += 4) {
            const uint32_t first = te_halves_word(a + i), second = te_halves_word(a + i + 2);
            const uint32_t y = te_halves_word(b + i);
            sum = te_halves_add_products(sum, te_halves_lower(first, second), te_halves_even(y));
            sum = te_halves_add_products(sum, te_halves_upper(first, second), te_halves_odd(y));
            TE_NOW(sum);
        }
        TE_ROLLED
        for (; i < part; i++)
            sum += a[i] * b[i];
        total += sum;
        a += part;
        b += part;
        count -= part;
    }
    return total;
}

#endif
