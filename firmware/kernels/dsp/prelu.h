/* SPDX-License-Identifier: Apache-2.0 */
/* What PRELU's kernels of 8 and of 16 bits share. */
#ifndef TE_DSP_PRELU_H
#define TE_DSP_PRELU_H

#include "kernels/dsp/halves.h"
#include "kernels/prelu.h"
#include "kernels/unrolled.h"

/* te_prelu_element, before it is clamped, of operands less their zero points. */
static inline __attribute__((always_inline)) int32_t te_prelu_dsp_one(const te_prelu *p, int32_t x,
                                                                      int32_t y) {
    if (x >= 0)
        return te_halves_requantize(x, p->positive_multiplier, p->positive_shift, p->out_zero_point);
    return te_halves_requantize(x * y, p->negative_multiplier, p->negative_shift, p->out_zero_point);
}

#endif
