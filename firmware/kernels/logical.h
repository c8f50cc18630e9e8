/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of two truth values. */
#ifndef TE_LOGICAL_H
#define TE_LOGICAL_H

#include "kernels/kernel.h"

typedef struct te_logical {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int32_t truth; /* bit 2 * a + b is the result for a and b */
} te_logical;

/* a, b and out are bool.

   Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_logical_fn(const te_logical *p, const void *a, const void *b, void *out);

static inline uint8_t te_logical_element(const te_logical *p, int32_t u, int32_t v) {
    return (uint8_t)(p->truth >> (2 * (u != 0) + (v != 0)) & 1);
}

#endif
