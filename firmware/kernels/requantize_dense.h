/* SPDX-License-Identifier: Apache-2.0 */
/* What a dense layer's sums become. */
#ifndef TE_REQUANTIZE_DENSE_H
#define TE_REQUANTIZE_DENSE_H

#include "kernels/fully_connected.h"
#include "kernels/requantize_high.h"

/* The output of `channel` for its sum: by te_requantize_fitted with `left` and `right` if `fitted`, else in
   the way of the two that the layer's parameters name. (Numbers and no struct, so that GCC knows which way is
   dead before it looks at arrays that only another way reads.) */
static inline int8_t te_requantize_dense_s8(const te_fully_connected *p, int32_t fitted, int32_t left,
                                            int32_t right, int32_t sum, const int32_t *multiplier,
                                            const int8_t *shift, int32_t channel) {
    const int32_t c = channel * p->channel_step;
    int32_t scaled;
    if (fitted)
        scaled = te_requantize_fitted(sum, multiplier[c], left, right, p->out_zero_point);
    else if (p->once)
        scaled = te_requantize_once(sum, multiplier[c], shift[c]) + p->out_zero_point;
    else
        scaled = te_requantize(sum, multiplier[c], shift[c]) + p->out_zero_point;
    return (int8_t)te_clamp(scaled, p->out_min, p->out_max);
}

#endif
