/* SPDX-License-Identifier: Apache-2.0 */
/* A product is requantised by one high multiplication. */
#include "kernels/requantize_high.h"
#include "kernels/scalar/mul.h"

/* Those of te_requantize_high. */
typedef struct te_mul_s8_scalar_constants {
    int32_t both[2], right;
} te_mul_s8_scalar_constants;

static inline __attribute__((always_inline)) int32_t te_mul_s8_scalar_element(const te_mul *p,
                                                                              te_mul_s8_scalar_constants of,
                                                                              int32_t a, int32_t b) {
    const int32_t product = (a - p->a_zero_point) * (b - p->b_zero_point);
    return te_requantize_high(product, of.both, of.right, p->out_min < p->out_zero_point);
}

TE_KERNEL te_mul_s8_scalar_fn te_mul_s8_scalar;

#define TE_BINARY te_mul_s8_scalar
#define TE_PARAMETERS const te_mul *restrict p, const te_mul_scalar *restrict laid
#define TE_ELEMENT int8_t
#define TE_CONSTANTS te_mul_s8_scalar_constants
#define TE_PREPARE {{p->multiplier, laid->added}, laid->right}
#define TE_COMBINE te_mul_s8_scalar_element
#include "kernels/scalar/binary_body.h"
