/* SPDX-License-Identifier: Apache-2.0 */
/* Zero points are 0, and results divided by 2 or more (tinyedge/plan/layout/pairs.py). */
#include "kernels/mul.h"
#include "kernels/scalar/doubled.h"

static inline __attribute__((always_inline)) int32_t te_mul_s16_scalar_element(const te_mul *p,
                                                                               uint32_t twice, int32_t a,
                                                                               int32_t b) {
    return te_requantize_right(a * b, twice, -p->shift);
}

TE_KERNEL te_mul_s16_fn te_mul_s16_scalar;

#define TE_BINARY te_mul_s16_scalar
#define TE_PARAMETERS const te_mul *restrict p
#define TE_ELEMENT int16_t
#define TE_CONSTANTS uint32_t
#define TE_PREPARE te_doubled(p->multiplier)
#define TE_COMBINE te_mul_s16_scalar_element
#include "kernels/scalar/binary_body.h"
