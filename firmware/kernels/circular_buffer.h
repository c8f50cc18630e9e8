/* SPDX-License-Identifier: Apache-2.0 */
/* The last inputs one behind another, as TFLM's CIRCULAR_BUFFER. */
#ifndef TE_CIRCULAR_BUFFER_H
#define TE_CIRCULAR_BUFFER_H

#include "kernels/kernel.h"

typedef struct te_circular_buffer {
    int32_t size;   /* of an input */
    int32_t kept;   /* elements of earlier inputs */
    int32_t cycles; /* runs from one that is whole to the next */
} te_circular_buffer;

/* in [size], out [kept + size]: the oldest first. kept [kept] and runs [1] (since one that was whole) live on.
   whole [1]: whether this run is. Order: all of `out` is written before `in` is read for the last time: they
   must not overlap. */
typedef void te_circular_buffer_s8_fn(const te_circular_buffer *p, const int8_t *in, int8_t *kept,
                                      int32_t *runs, int8_t *out, uint8_t *whole);

#endif
