/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements at a time, their sums of 32 bits in two vectors. */
#include "kernels/add.h"
#include "kernels/helium/eight.h"

/* Eight elements of an operand, times 2^15, at the scale of both. */
static inline te_eight te_add_s16_scaled(int16x8_t v, int32_t zero_point, int32_t multiplier, int32_t shift) {
    te_eight wide = {vshllbq_n_s16(v, 15), vshlltq_n_s16(v, 15)};
    if (zero_point != 0) {
        wide.even = vsubq_n_s32(wide.even, zero_point * (1 << 15));
        wide.odd = vsubq_n_s32(wide.odd, zero_point * (1 << 15));
    }
    return te_eight_requantize(wide, multiplier, shift);
}

static inline int16x8_t te_add_s16_eight(const te_add *p, int16x8_t x, int16x8_t y) {
    te_eight v = te_add_s16_scaled(x, p->a_zero_point, p->a_multiplier, p->a_shift);
    const te_eight w = te_add_s16_scaled(y, p->b_zero_point, p->b_multiplier, p->b_shift);
    v.even = p->sign > 0 ? vaddq_s32(v.even, w.even) : vsubq_s32(v.even, w.even);
    v.odd = p->sign > 0 ? vaddq_s32(v.odd, w.odd) : vsubq_s32(v.odd, w.odd);
    v = te_eight_requantize(v, p->out_multiplier, p->out_shift);
    if (p->out_zero_point != 0) {
        v.even = vaddq_n_s32(v.even, p->out_zero_point);
        v.odd = vaddq_n_s32(v.odd, p->out_zero_point);
    }
    return te_eight_clamp_s16(te_eight_narrow(v), p->out_min, p->out_max);
}

TE_KERNEL te_add_s16_fn te_add_s16_helium;

#define TE_BINARY te_add_s16_helium
#define TE_PARAMETERS te_add
#define TE_LEFT int16_t
#define TE_LEFT_END s16
#define TE_RIGHT int16_t
#define TE_RIGHT_END s16
#define TE_RESULT int16_t
#define TE_RESULT_END s16
#define TE_GIVEN(type) type
#define TE_COMBINE te_add_s16_eight
#include "kernels/helium/binary_body.h"
