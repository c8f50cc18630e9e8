/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/halves.h"
#include "kernels/extremum.h"
#include "kernels/unrolled.h"

static inline __attribute__((always_inline)) void te_extremum_s8_dsp_word(const te_extremum *p, uint32_t u,
                                                                          uint32_t v, int8_t *out) {
    const uint32_t found = p->largest ? te_halves_choose_s8(u, v, u, v) : te_halves_choose_s8(u, v, v, u);
    memcpy(out, &found, sizeof found);
}

TE_KERNEL te_extremum_s8_fn te_extremum_s8_dsp;

#define TE_BINARY te_extremum_s8_dsp
#define TE_PARAMETERS te_extremum
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_RESULT int8_t
#define TE_GIVEN(type) type
#define TE_COMBINE te_extremum_s8_dsp_word
#include "kernels/dsp/binary_body.h"
