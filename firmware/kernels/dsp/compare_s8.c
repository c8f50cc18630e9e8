/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/compare.h"

static inline __attribute__((always_inline)) void te_compare_s8_dsp_four(const te_compare *p, uint32_t u,
                                                                         uint32_t v, uint8_t *out) {
    const te_halves_four x = te_halves_less_zero(u, p->a_zero_point);
    const te_halves_four y = te_halves_less_zero(v, p->b_zero_point);
    TE_UNROLLED
    for (int32_t i = 0; i < 4; i++)
        out[i] = te_compare_dsp_one(p, te_halves_at(x, i), te_halves_at(y, i));
}

TE_KERNEL te_compare_fn te_compare_s8_dsp;

#define TE_BINARY te_compare_s8_dsp
#define TE_PARAMETERS te_compare
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_RESULT uint8_t
#define TE_GIVEN(type) void
#define TE_COMBINE te_compare_s8_dsp_four
#include "kernels/dsp/binary_body.h"
