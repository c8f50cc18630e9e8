/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of one tensor or of another, as a third says. */
#ifndef TE_SELECT_H
#define TE_SELECT_H

#include "kernels/kernel.h"

typedef struct te_select {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it. */
    int32_t size[4], c_step[4], a_step[4], b_step[4];
    int32_t width; /* bytes of an element of a, b and out */
} te_select;

/* out is a where condition is true, else b.

   Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_select_fn(const te_select *p, const void *condition, const void *a, const void *b, void *out);

#endif
