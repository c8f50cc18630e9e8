/* SPDX-License-Identifier: Apache-2.0 */
/* Inner loops that portable kernels share; plain enough for every compiler to vectorise. */
#ifndef TE_DOT_H
#define TE_DOT_H

#include <stdint.h>

static inline int32_t te_dot_s8(const int8_t *a, const int8_t *b, int32_t count) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The same of `a` with each of `rows` vectors that lie `pitch` apart, up to four: one load of a serves four. */
static inline void te_dots_s8(const int8_t *a, const int8_t *b, int32_t pitch, int32_t rows, int32_t count,
                              int32_t *sums) {
    enum { FOUR = 4 };
    if (rows == FOUR) {
        int32_t first = 0, second = 0, third = 0, fourth = 0;
        for (int32_t i = 0; i < count; i++) {
            first += a[i] * b[i];
            second += a[i] * b[pitch + i];
            third += a[i] * b[2 * pitch + i];
            fourth += a[i] * b[3 * pitch + i];
        }
        sums[0] = first;
        sums[1] = second;
        sums[2] = third;
        sums[3] = fourth;
        return;
    }
    for (int32_t i = 0; i < rows; i++)
        sums[i] = te_dot_s8(a, b + i * pitch, count);
}

static inline int32_t te_sum_s8(const int8_t *a, int32_t count) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++)
        sum += a[i];
    return sum;
}

#endif
