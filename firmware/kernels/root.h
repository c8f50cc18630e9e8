/* SPDX-License-Identifier: Apache-2.0 */
/* Square roots of integers. */
#ifndef TE_ROOT_H
#define TE_ROOT_H

#include "kernels/kernel.h"

/* The largest number whose square is at most *value, digit by digit in base 2; leaves the rest in *value. */
static inline uint32_t te_root(uint64_t *value) {
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 62; bit != 0; bit >>= 2) {
        if (*value >= root + bit) {
            *value -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint32_t)root;
}

#endif
