/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors side by side. */
#ifndef TE_CONCATENATION_H
#define TE_CONCATENATION_H

#include "kernels/kernel.h"

typedef struct te_concatenation {
    int32_t rows;     /* product of the dimensions before the one that is joined */
    int32_t bytes[8]; /* of a row of each operand, 0 where there is none */
} te_concatenation;

/* Each row of out is a row of in0, one of in1, and so on. No overlap. */
typedef void te_concatenation_fn(const te_concatenation *p, const void *in0, const void *in1, const void *in2,
                                 const void *in3, const void *in4, const void *in5, const void *in6,
                                 const void *in7, void *out);

#endif
