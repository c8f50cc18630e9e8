/* SPDX-License-Identifier: Apache-2.0 */
/* Sums over a row of a window of the ESP32-S3's depthwise convolutions: a vector of channels, tap by tap. */
#ifndef TE_PIE_ROW_H
#define TE_PIE_ROW_H

#include "kernels/pie/load.h"
#include "kernels/pie/span.h"
#include "kernels/unrolled.h"

/* Where a pixel's inputs are. */
typedef struct te_pie_place {
    const int8_t *image;
    int32_t top, left;
    te_pie_span rows, columns; /* of the window, inside the input */
    const int8_t *outside;     /* 16 bytes of what is not */
} te_pie_place;

/* `count` taps of 16 channels of bytes, or 8 of int16 if `wide`, by weights in Q7 and then from w on. */
TE_PIE_INLINE const int8_t *te_pie_row(te_pie *s, int wide, const int8_t *x, int32_t step, int aligned,
                                       int32_t count, const int8_t *w) {
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i++) {
        x = te_pie_load(s, x, step, aligned);
        if (wide)
            TE_PIE_WIDE_LD(s, 7, w, 16, 6, 7);
        else
            TE_PIE_LANES_LD(s, 7, w, 16, 6, 7);
    }
    (void)s;
    return w;
}

#endif
