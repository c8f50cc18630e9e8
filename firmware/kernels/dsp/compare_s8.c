/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/compare.h"

static inline __attribute__((always_inline)) void te_compare_s8_dsp_four(const te_compare *p, uint32_t u,
                                                                         uint32_t v, uint8_t *out) {
    const uint32_t less = te_halves_pack(-p->a_zero_point, -p->a_zero_point);
    const uint32_t lower = te_halves_pack(-p->b_zero_point, -p->b_zero_point);
    const uint32_t even = te_halves_add_even(less, u), odd = te_halves_add_even(less, te_halves_turned(u));
    const uint32_t other = te_halves_add_even(lower, v),
                   odder = te_halves_add_even(lower, te_halves_turned(v));
    out[0] = te_compare_dsp_one(p, te_halves_low(even), te_halves_low(other));
    out[1] = te_compare_dsp_one(p, te_halves_low(odd), te_halves_low(odder));
    out[2] = te_compare_dsp_one(p, te_halves_high(even), te_halves_high(other));
    out[3] = te_compare_dsp_one(p, te_halves_high(odd), te_halves_high(odder));
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
