/* SPDX-License-Identifier: Apache-2.0 */
/* What comparisons of 8 and of 16 bits share. */
#ifndef TE_DSP_COMPARE_H
#define TE_DSP_COMPARE_H

#include "kernels/compare.h"
#include "kernels/dsp/halves.h"
#include "kernels/unrolled.h"

/* te_compare_raw of two words of elements, by te_halves_choose_s8 or _s16; `same` times a result is it in all
   places. */
typedef uint32_t te_compare_choose(uint32_t a, uint32_t b, uint32_t x, uint32_t y);

static inline __attribute__((always_inline)) uint32_t te_compare_dsp_word(const te_compare *p, uint32_t u,
                                                                          uint32_t v,
                                                                          te_compare_choose *choose,
                                                                          uint32_t same) {
    const uint32_t less = (uint32_t)p->less * same, equal = (uint32_t)p->equal * same;
    const uint32_t greater = (uint32_t)p->greater * same;
    if (p->less == p->equal)
        return choose(v, u, less, greater);
    return choose(u, v, p->equal == p->greater ? greater : choose(v, u, equal, greater), less);
}

/* te_compare_scaled of operands less their zero points. */
static inline __attribute__((always_inline)) uint8_t te_compare_dsp_one(const te_compare *p, int32_t x,
                                                                        int32_t y) {
    const int32_t up = INT32_C(1) << 8;
    return te_compare_raw(p, te_halves_requantize(x * up, p->a_multiplier, p->a_shift, 0),
                          te_halves_requantize(y * up, p->b_multiplier, p->b_shift, 0));
}

#endif
