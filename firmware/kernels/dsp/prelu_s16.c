/* SPDX-License-Identifier: Apache-2.0 */
/* Zero points of 16 bits are 0. */
#include "kernels/dsp/prelu.h"

static inline __attribute__((always_inline)) int16_t te_prelu_s16_dsp_limit(const te_prelu *p, int32_t x,
                                                                            int32_t v) {
    return te_halves_limit_s16(te_prelu_dsp_one(p, x, v - p->b_zero_point), p->out_min, p->out_max);
}

static inline __attribute__((always_inline)) void te_prelu_s16_dsp_two(const te_prelu *p, uint32_t u,
                                                                       uint32_t v, int16_t *out) {
    out[0] = te_prelu_s16_dsp_limit(p, te_halves_low(u), te_halves_low(v));
    out[1] = te_prelu_s16_dsp_limit(p, te_halves_high(u), te_halves_high(v));
}

TE_KERNEL te_prelu_fn te_prelu_s16_dsp;

#define TE_BINARY te_prelu_s16_dsp
#define TE_PARAMETERS te_prelu
#define TE_LEFT int16_t
#define TE_RIGHT int8_t
#define TE_RESULT int16_t
#define TE_GIVEN(type) void
#define TE_COMBINE te_prelu_s16_dsp_two
#include "kernels/dsp/binary_body.h"
