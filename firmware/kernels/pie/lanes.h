/* SPDX-License-Identifier: Apache-2.0 */
/* The 16 sums of 20 bits in QACC of the ESP32-S3's vectors, or the 8 of 40, one by one. */
#ifndef TE_PIE_LANES_H
#define TE_PIE_LANES_H

#include "kernels/pie/pie.h"

enum { TE_PIE_LANES = 64 }; /* bytes that QACC is stored in: 20 of each half, 32 apart */

TE_PIE_INLINE void te_pie_store_lanes(te_pie *s, int8_t *to) {
    TE_PIE_ST_QACC_LL(s, to, 16);
    TE_PIE_ST_QACC_LH(s, to, 16);
    TE_PIE_ST_QACC_HL(s, to, 16);
    TE_PIE_ST_QACC_HH(s, to, 0);
    (void)to;
    (void)s;
}

/* Lanes 2 * j and 2 * j + 1 of a half are the 5 bytes from 5 * j on. */
TE_PIE_INLINE int32_t te_pie_lane(const int8_t *lanes, int32_t i) {
    const int8_t *at = lanes + i / 8 * 32 + i % 8 * 5 / 2;
    uint32_t word;
    TE_PIE_WORD(word, at, 0);
    return (int32_t)(word << (12 - i % 2 * 4)) >> 12;
}

/* The same of 8 sums of 40 bits, of which it gives the lower 32. */
TE_PIE_INLINE int32_t te_pie_wide_lane(const int8_t *lanes, int32_t i) {
    const int8_t *at = lanes + i / 4 * 32 + i % 4 * 5;
    uint32_t word;
    TE_PIE_WORD(word, at, 0);
    return (int32_t)word;
}

#endif
