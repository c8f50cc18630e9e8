/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/prelu.h"

static inline __attribute__((always_inline)) int8_t te_prelu_s8_dsp_limit(const te_prelu *p, int32_t x,
                                                                          int32_t y) {
    return te_halves_limit_s8(te_prelu_dsp_one(p, x, y), p->out_min, p->out_max);
}

static inline __attribute__((always_inline)) void te_prelu_s8_dsp_four(const te_prelu *p, uint32_t u,
                                                                       uint32_t v, int8_t *out) {
    const uint32_t less = te_halves_pack(-p->a_zero_point, -p->a_zero_point);
    const uint32_t lower = te_halves_pack(-p->b_zero_point, -p->b_zero_point);
    const uint32_t even = te_halves_add_even(less, u), odd = te_halves_add_even(less, te_halves_turned(u));
    const uint32_t other = te_halves_add_even(lower, v),
                   odder = te_halves_add_even(lower, te_halves_turned(v));
    out[0] = te_prelu_s8_dsp_limit(p, te_halves_low(even), te_halves_low(other));
    out[1] = te_prelu_s8_dsp_limit(p, te_halves_low(odd), te_halves_low(odder));
    out[2] = te_prelu_s8_dsp_limit(p, te_halves_high(even), te_halves_high(other));
    out[3] = te_prelu_s8_dsp_limit(p, te_halves_high(odd), te_halves_high(odder));
}

TE_KERNEL te_prelu_fn te_prelu_s8_dsp;

#define TE_BINARY te_prelu_s8_dsp
#define TE_PARAMETERS te_prelu
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_RESULT int8_t
#define TE_GIVEN(type) void
#define TE_COMBINE te_prelu_s8_dsp_four
#include "kernels/dsp/binary_body.h"
