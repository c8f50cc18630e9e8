/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions without those that did not last. */
#ifndef TE_DEBOUNCE_H
#define TE_DEBOUNCE_H

#include "kernels/kernel.h"

typedef struct te_debounce {
    int32_t runs;    /* of the same decision that make a change, at least 1 */
    int32_t hold;    /* runs, that of the change included, in which a decision other than `nothing` stays */
    int32_t nothing; /* the decision that nothing is there */
} te_debounce;

/* out[0]: the decision in force. now [4]: it; the latest decision; for how many runs on end that one was
   taken, at most `runs`; for how many runs more the one in force stays. */
typedef void te_debounce_s32_fn(const te_debounce *p, const int32_t *in, int32_t *now, int32_t *out);

#endif
