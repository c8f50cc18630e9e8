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

static inline int32_t te_sum_s8(const int8_t *a, int32_t count) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++)
        sum += a[i];
    return sum;
}

#endif
