/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/prelu.h"

static inline __attribute__((always_inline)) int8_t te_prelu_s8_dsp_limit(const te_prelu *p, int32_t x,
                                                                          int32_t y) {
    return te_halves_limit_s8(te_prelu_dsp_one(p, x, y), p->out_min, p->out_max);
}

static inline __attribute__((always_inline)) void te_prelu_s8_dsp_four(const te_prelu *p, uint32_t u,
                                                                       uint32_t v, int8_t *out) {
    const te_halves_four x = te_halves_less_zero(u, p->a_zero_point);
    const te_halves_four y = te_halves_less_zero(v, p->b_zero_point);
    out[0] = te_prelu_s8_dsp_limit(p, te_halves_at(x, 0), te_halves_at(y, 0));
    out[1] = te_prelu_s8_dsp_limit(p, te_halves_at(x, 1), te_halves_at(y, 1));
    out[2] = te_prelu_s8_dsp_limit(p, te_halves_at(x, 2), te_halves_at(y, 2));
    out[3] = te_prelu_s8_dsp_limit(p, te_halves_at(x, 3), te_halves_at(y, 3));
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
