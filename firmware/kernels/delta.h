/* SPDX-License-Identifier: Apache-2.0 */
/* Rows, and beside each the slope of the line through the rows around it. */
#ifndef TE_DELTA_H
#define TE_DELTA_H

#include "kernels/kernel.h"

typedef struct te_delta {
    int32_t rows, channels; /* of the rows that have a slope */
    int32_t half;           /* rows before and behind each that count, 1 to 127 */
    int32_t spread;         /* twice the sum of the squares of 1 to half */
} te_delta;

/* in [rows + 2 * half, channels], out [rows, 2, channels]: a row in the middle of its neighbours, then its
   slope sum(k * (in[+k] - in[-k])) / spread, to the nearest, ties up, within the limits of int16.

   Order: row by row. `out` must not overlap `in`. */
typedef void te_delta_s16_fn(const te_delta *p, const int16_t *in, int16_t *out);

#endif
