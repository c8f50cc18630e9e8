/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/compare.h"

static inline __attribute__((always_inline)) void te_compare_raw_s8_dsp_four(const te_compare *p, uint32_t u,
                                                                             uint32_t v, uint8_t *out) {
    const uint32_t results = te_compare_dsp_word(p, u, v, te_halves_choose_s8, 0x01010101);
    memcpy(out, &results, sizeof results);
}

TE_KERNEL te_compare_fn te_compare_raw_s8_dsp;

#define TE_BINARY te_compare_raw_s8_dsp
#define TE_PARAMETERS te_compare
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_RESULT uint8_t
#define TE_GIVEN(type) void
#define TE_COMBINE te_compare_raw_s8_dsp_four
#include "kernels/dsp/binary_body.h"
