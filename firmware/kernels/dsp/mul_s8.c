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
    const te_halves_four x = te_halves_less_zero(u, p->a_zero_point);
    te_halves_four y = te_halves_less_zero(v, p->b_zero_point);
    y.even = te_halves_add(y.even, y.even);
    y.odd = te_halves_add(y.odd, y.odd);
    TE_UNROLLED
    for (int32_t i = 0; i < 4; i++)
        out[i] = te_mul_s8_dsp_scale(p, te_halves_at(x, i) * te_halves_at(y, i));
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
