/* SPDX-License-Identifier: Apache-2.0 */
/* memmove for the ESP32-S3, without a call: by vectors where they begin with one on both sides, else by words from
   anywhere to anywhere. */
#ifndef TE_PIE_MOVE_H
#define TE_PIE_MOVE_H

#include "kernels/pie/load.h"

/* Upwards, unless what is read would be written first. */
TE_PIE_INLINE void te_pie_move(void *to, const void *from, size_t size) {
    const uintptr_t above = (uintptr_t)to - (uintptr_t)from;
    const int32_t count = (int32_t)size, whole = count / TE_PIE_VECTOR * TE_PIE_VECTOR;
    const int8_t *in = from;
    int8_t *out = to;
    te_pie s = {0};
    if (above != 0 && above < size) {
        memmove(to, from, size);
    } else if (whole > 0 && (((uintptr_t)to | (uintptr_t)from) % TE_PIE_VECTOR) == 0) {
        TE_PIE_FENCE();
        TE_UNROLLED_BY_4
        for (int32_t i = 0; i < whole; i += TE_PIE_VECTOR) {
            TE_PIE_VLD(&s, 0, in, 16);
            TE_PIE_VST(&s, 0, out, 16);
        }
        te_pie_copy_some(out, in, count - whole);
    } else {
        te_pie_copy_some(out, in, count);
    }
    (void)s;
}

#endif
