/* SPDX-License-Identifier: Apache-2.0 */
/* What only the product for cores without vectors needs to know; decided by tinyedge/plan/layout/scalar_mul.py. */
#ifndef TE_SCALAR_MUL_H
#define TE_SCALAR_MUL_H

#include "kernels/mul.h"

typedef struct te_mul_scalar {
    int32_t added, right; /* of te_requantize_high, with the multiplier */
} te_mul_scalar;

typedef void te_mul_s8_scalar_fn(const te_mul *p, const te_mul_scalar *laid, const int8_t *a, const int8_t *b,
                                 int8_t *out);

#endif
