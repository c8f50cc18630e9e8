/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/add_linear.h"
#include "kernels/dsp/halves.h"
#include "kernels/unrolled.h"

static inline __attribute__((always_inline)) int8_t te_add_linear_s8_dsp_one(const te_add_linear *p,
                                                                             uint32_t u, uint32_t v) {
    const int32_t sum = (int8_t)u * p->a_factor + (int8_t)v * p->b_factor + p->offset;
    return te_halves_limit_s8(sum >> p->shift, p->out_min, p->out_max);
}

static inline __attribute__((always_inline)) void
te_add_linear_s8_dsp_four(const te_add_linear *p, uint32_t u, uint32_t v, int8_t *out) {
    TE_UNROLLED
    for (int32_t i = 0; i < 4; i++)
        out[i] = te_add_linear_s8_dsp_one(p, u >> 8 * i, v >> 8 * i);
}

TE_KERNEL te_add_linear_s8_fn te_add_linear_s8_dsp;

#define TE_BINARY te_add_linear_s8_dsp
#define TE_PARAMETERS te_add_linear
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_RESULT int8_t
#define TE_GIVEN(type) type
#define TE_COMBINE te_add_linear_s8_dsp_four
#include "kernels/dsp/binary_body.h"
