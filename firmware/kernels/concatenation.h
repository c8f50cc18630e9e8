/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor put beside others into one: CONCATENATION and PACK are a call for each operand. */
#ifndef TE_CONCATENATION_H
#define TE_CONCATENATION_H

#include "kernels/kernel.h"

typedef struct te_concatenation {
    int32_t rows;   /* product of the dimensions before the one that is joined */
    int32_t bytes;  /* of a row of the operand */
    int32_t start;  /* bytes of a row of out before it: what earlier operands take */
    int32_t stride; /* bytes of a row of out */
} te_concatenation;

/* Each row of `in` becomes its part of a row of out; other bytes stay. No overlap. s32: the same in words, for bytes. */
typedef void te_concatenation_fn(const te_concatenation *p, const void *in, void *out);

#endif
