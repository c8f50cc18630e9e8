/* SPDX-License-Identifier: Apache-2.0 */
/* Logarithms of 64-bit numbers by a table, scaled. */
#ifndef TE_LOGARITHM_H
#define TE_LOGARITHM_H

#include "kernels/kernel.h"

enum { TE_LEVEL_FRACTION = 30 }; /* fraction bits of a level before it is rounded: tinyedge/blocks/level.py */

/* Made by tinyedge/blocks/level.py. */
typedef struct te_level {
    int64_t floor;      /* what is below counts as that; at least 1 */
    int64_t offset;     /* level of 1, and the half that rounds */
    int32_t multiplier; /* levels of a doubling, of 2^16 */
} te_level;

/* log2 of value > 0 with 16 fraction bits; table [129]: 2^16 * (log2(1 + i / 128) - i / 128), and straight
   lines between. */
static inline int32_t te_log2(uint64_t value, const uint16_t *table) {
    int32_t exponent = 63;
    for (int32_t step = 32; step > 0; step >>= 1) {
        if (value >> (64 - step) == 0) {
            value <<= step;
            exponent -= step;
        }
    }
    const int32_t fraction = (int32_t)(value >> 47) & 0xFFFF;
    const int32_t segment = fraction >> 9, low = table[segment], high = table[segment + 1];
    const int32_t curved = ((high - low) * (fraction & 0x1FF) + (1 << 8)) >> 9;
    return exponent * (1 << 16) + fraction + low + curved;
}

static inline int16_t te_level_of(const te_level *p, uint64_t value, const uint16_t *table) {
    const uint64_t least = (uint64_t)p->floor;
    const int32_t log2 = te_log2(value > least ? value : least, table);
    const int64_t level = (te_product(log2, p->multiplier) + p->offset) >> TE_LEVEL_FRACTION;
    return (int16_t)te_clamp((int32_t)level, INT16_MIN, INT16_MAX);
}

#endif
