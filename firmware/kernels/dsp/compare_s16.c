/* SPDX-License-Identifier: Apache-2.0 */
/* Zero points are 0. */
#include "kernels/dsp/compare.h"

static inline __attribute__((always_inline)) void te_compare_s16_dsp_two(const te_compare *p, uint32_t u,
                                                                         uint32_t v, uint8_t *out) {
    out[0] = te_compare_dsp_one(p, te_halves_low(u), te_halves_low(v));
    out[1] = te_compare_dsp_one(p, te_halves_high(u), te_halves_high(v));
}

TE_KERNEL te_compare_fn te_compare_s16_dsp;

#define TE_BINARY te_compare_s16_dsp
#define TE_PARAMETERS te_compare
#define TE_LEFT int16_t
#define TE_RIGHT int16_t
#define TE_RESULT uint8_t
#define TE_GIVEN(type) void
#define TE_COMBINE te_compare_s16_dsp_two
#include "kernels/dsp/binary_body.h"
