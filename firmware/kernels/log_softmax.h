/* SPDX-License-Identifier: Apache-2.0 */
/* Logarithms of the shares that e to the power of each element has in its row. */
#ifndef TE_LOG_SOFTMAX_H
#define TE_LOG_SOFTMAX_H

#include "kernels/newton.h"

typedef struct te_log_softmax {
    int32_t rows, depth;
    int32_t exps;              /* elements of exp; what lies further below the largest adds nothing */
    int32_t multiplier, shift; /* from steps of the input to Q5.26 ... */
    int32_t back_multiplier, back_shift; /* ... and from there to steps, both for te_requantize */
} te_log_softmax;

/* in and out [rows, depth], int8, out in steps of 1/16 below 127; exp[d] is e^-(d steps) in Q12.19.

   Order: rows ascending; a row is read twice before, and then element by element as it is written. `out` may
   be `in`. */
typedef void te_log_softmax_s8_fn(const te_log_softmax *p, const int8_t *in, const int32_t *exp, int8_t *out);

#endif
