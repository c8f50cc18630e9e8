/* SPDX-License-Identifier: Apache-2.0 */
/* The most frequent of the last decisions. */
#ifndef TE_MAJORITY_H
#define TE_MAJORITY_H

#include "kernels/kernel.h"

typedef struct te_majority {
    int32_t kept; /* earlier decisions that count, at least 1 */
} te_majority;

/* in[0] goes to the end of kept [kept], whose oldest goes; out[0] is the most frequent of all of them, of
   equally frequent ones the latest. `in` is read first: `out` may be `in`. */
typedef void te_majority_s32_fn(const te_majority *p, const int32_t *in, int32_t *kept, int32_t *out);

#endif
