/* SPDX-License-Identifier: Apache-2.0 */
/* Zero points are 0, shifts to the right, and the sum's at least 1 (tinyedge/plan/layout/pairs.py). Operands are brought
   to 2^29 at most, and so sums to 2^30. */
#include "kernels/add.h"
#include "kernels/scalar/doubled.h"

/* Twice the multipliers. */
typedef struct te_add_s16_scalar_constants {
    uint32_t a, b, sum;
} te_add_s16_scalar_constants;

/* An operand times 2^15, at twice the larger of the operands' scales: that one is halved. */
static inline __attribute__((always_inline)) int32_t te_add_s16_scalar_operand(int32_t value, uint32_t twice,
                                                                               int32_t multiplier,
                                                                               int32_t shift) {
    if (multiplier == 1 << 30 && shift == 0)
        return value * (1 << 14);
    return te_requantize_doubled(value * (1 << 16), twice, -shift);
}

static inline __attribute__((always_inline)) int32_t
te_add_s16_scalar_element(const te_add *p, te_add_s16_scalar_constants twice, int32_t a, int32_t b) {
    const int32_t u = te_add_s16_scalar_operand(a, twice.a, p->a_multiplier, p->a_shift);
    const int32_t v = te_add_s16_scalar_operand(b, twice.b, p->b_multiplier, p->b_shift);
    return te_requantize_doubled((u + p->sign * v) * 2, twice.sum, -p->out_shift);
}

TE_KERNEL te_add_s16_fn te_add_s16_scalar;

#define TE_BINARY te_add_s16_scalar
#define TE_PARAMETERS const te_add *restrict p
#define TE_ELEMENT int16_t
#define TE_CONSTANTS te_add_s16_scalar_constants
#define TE_PREPARE {te_doubled(p->a_multiplier), te_doubled(p->b_multiplier), te_doubled(p->out_multiplier)}
#define TE_COMBINE te_add_s16_scalar_element
#include "kernels/scalar/binary_body.h"
