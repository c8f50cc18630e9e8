/* SPDX-License-Identifier: Apache-2.0 */
/* The largest of some scores, where it is large enough. */
#ifndef TE_CHOICE_H
#define TE_CHOICE_H

#include "kernels/kernel.h"

typedef struct te_choice {
    int32_t count; /* scores, at least 1 */
    int32_t least; /* INT32_MIN: any will do */
} te_choice;

/* out[0] = the place of the largest of in [count], the first of equal ones; -1 unless that is > least. All of
   `in` is read before `out` is written. */
typedef void te_choice_s32_fn(const te_choice *p, const int32_t *in, int32_t *out);

#endif
