/* SPDX-License-Identifier: Apache-2.0 */
/* The least and the largest output in every element of a vector of the ESP32-S3. */
#ifndef TE_PIE_ENDS_H
#define TE_PIE_ENDS_H

#include "kernels/pie/pie.h"

typedef struct te_pie_ends {
    _Alignas(16) uint32_t least[TE_PIE_VECTOR / 4];
    uint32_t most[TE_PIE_VECTOR / 4];
} te_pie_ends;

/* Of elements of one byte or two. */
TE_PIE_INLINE void te_pie_make_ends(te_pie_ends *ends, int32_t size, int32_t least, int32_t most) {
    const uint32_t mask = size == 1 ? 0xFF : 0xFFFF, same = size == 1 ? 0x01010101 : 0x00010001;
    for (int32_t i = 0; i < TE_PIE_VECTOR / 4; i++) {
        ends->least[i] = ((uint32_t)least & mask) * same;
        ends->most[i] = ((uint32_t)most & mask) * same;
    }
}

#endif
