/* SPDX-License-Identifier: Apache-2.0 */
/* Any function of one byte, by table: how 8-bit elementwise operators of one input are computed. */
#ifndef TE_LUT_H
#define TE_LUT_H

#include "kernels/kernel.h"

typedef struct te_lut {
    int32_t size; /* elements */
} te_lut;

/* out[i] = table[in[i] as an unsigned byte]; in and table hold int8 or uint8 values alike.

   Order: ascending, an element is read before it is written. s8: `out` may be `in`, or lie below it. s16:
   `out` may start size - 1 bytes below `in`. */
typedef void te_lut_s8_fn(const te_lut *p, const void *in, const int8_t *table, void *out);
typedef void te_lut_s16_fn(const te_lut *p, const void *in, const int16_t *table, int16_t *out);

#endif
