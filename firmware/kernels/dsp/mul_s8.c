/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/halves.h"
#include "kernels/mul.h"
#include "kernels/unrolled.h"

/* Of a doubled product. */
static inline __attribute__((always_inline)) int8_t te_mul_s8_dsp_scale(const te_mul *p, int32_t product) {
    const int32_t right = -p->shift, more = p->out_zero_point * (INT32_C(1) << right);
    const int32_t scaled = te_halves_scale(product, p->multiplier, right, more) >> right;
    return te_halves_limit_s8(scaled, p->out_min, p->out_max);
}

static inline __attribute__((always_inline)) void te_mul_s8_dsp_four(const te_mul *p, uint32_t u, uint32_t v,
                                                                     int8_t *out) {
    const uint32_t less = te_halves_pack(-p->a_zero_point, -p->a_zero_point);
    const uint32_t lower = te_halves_pack(-p->b_zero_point, -p->b_zero_point);
    const uint32_t even = te_halves_add_even(less, u), odd = te_halves_add_even(less, te_halves_turned(u));
    uint32_t other = te_halves_add_even(lower, v), odder = te_halves_add_even(lower, te_halves_turned(v));
    other = te_halves_add(other, other);
    odder = te_halves_add(odder, odder);
    out[0] = te_mul_s8_dsp_scale(p, te_halves_low(even) * te_halves_low(other));
    out[1] = te_mul_s8_dsp_scale(p, te_halves_low(odd) * te_halves_low(odder));
    out[2] = te_mul_s8_dsp_scale(p, te_halves_high(even) * te_halves_high(other));
    out[3] = te_mul_s8_dsp_scale(p, te_halves_high(odd) * te_halves_high(odder));
}

TE_KERNEL te_mul_s8_fn te_mul_s8_dsp;

#define TE_BINARY te_mul_s8_dsp
#define TE_PARAMETERS te_mul
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_RESULT int8_t
#define TE_GIVEN(type) type
#define TE_COMBINE te_mul_s8_dsp_four
#include "kernels/dsp/binary_body.h"
