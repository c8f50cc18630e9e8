/* SPDX-License-Identifier: Apache-2.0 */
/* What a dense layer's sums become. */
#ifndef TE_REQUANTIZE_DENSE_H
#define TE_REQUANTIZE_DENSE_H

#include "kernels/fully_connected.h"
#include "kernels/requantize_high.h"

/* How a layer's sums are scaled, if `fitted`: by te_requantize_fitted, with these shifts. */
typedef struct te_fitted {
    int32_t fitted, left, right;
} te_fitted;

/* The output of `channel` for its sum, in the way of the three that the layer's parameters name. */
static inline int8_t te_requantize_dense_s8(const te_fully_connected *p, te_fitted by, int32_t sum,
                                            const int32_t *multiplier, const int8_t *shift, int32_t channel) {
    const int32_t c = channel * p->channel_step;
    int32_t scaled;
    if (by.fitted)
        scaled = te_requantize_fitted(sum, multiplier[c], by.left, by.right, p->out_zero_point);
    else if (p->once)
        scaled = te_requantize_once(sum, multiplier[c], shift[c]) + p->out_zero_point;
    else
        scaled = te_requantize(sum, multiplier[c], shift[c]) + p->out_zero_point;
    return (int8_t)te_clamp(scaled, p->out_min, p->out_max);
}

#endif
