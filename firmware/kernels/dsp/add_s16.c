/* SPDX-License-Identifier: Apache-2.0 */
/* Zero points are 0, and sums small enough to be doubled. */
#include "kernels/add.h"
#include "kernels/dsp/halves.h"
#include "kernels/unrolled.h"

/* An operand, times 2^16 already, at the scale of both. */
static inline __attribute__((always_inline)) int32_t te_add_s16_dsp_scale(int32_t value, int32_t multiplier,
                                                                          int32_t right) {
    if (multiplier == 1 << 30 && right == 0) /* the larger of the scales is halved */
        return value >> 2;
    return te_halves_scale(value, multiplier, right, 0) >> right;
}

/* The elements that are the upper halves of words, with what is below them cleared. */
static inline __attribute__((always_inline)) int16_t te_add_s16_dsp_one(const te_add *p, uint32_t u,
                                                                        uint32_t v) {
    const int32_t right = -p->out_shift;
    const int32_t x = te_add_s16_dsp_scale((int32_t)u, p->a_multiplier, -p->a_shift);
    const int32_t y = te_add_s16_dsp_scale((int32_t)v, p->b_multiplier, -p->b_shift);
    const int32_t doubled = x * 2 + p->sign * 2 * y;
    const int32_t scaled = te_halves_scale(doubled, p->out_multiplier, right, 0) >> right;
    return te_halves_limit_s16(scaled, p->out_min, p->out_max);
}

static inline __attribute__((always_inline)) void te_add_s16_dsp_two(const te_add *p, uint32_t u, uint32_t v,
                                                                     int16_t *out) {
    out[0] = te_add_s16_dsp_one(p, u << 16, v << 16);
    out[1] = te_add_s16_dsp_one(p, u & 0xFFFF0000, v & 0xFFFF0000);
}

TE_KERNEL te_add_s16_fn te_add_s16_dsp;

#define TE_BINARY te_add_s16_dsp
#define TE_PARAMETERS te_add
#define TE_LEFT int16_t
#define TE_RIGHT int16_t
#define TE_RESULT int16_t
#define TE_GIVEN(type) type
#define TE_COMBINE te_add_s16_dsp_two
#include "kernels/dsp/binary_body.h"
