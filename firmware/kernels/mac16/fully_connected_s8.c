/* SPDX-License-Identifier: Apache-2.0 */
/* For Xtensa's MAC16 (mac16.h). Weights are [channels][fours][4], filled up with any bytes. */
#include "kernels/mac16/fully_connected.h"
#include "kernels/mac16/mac16.h"
#include "kernels/requantize_dense.h"

TE_KERNEL te_fully_connected_s8_mac16_fn te_fully_connected_s8_mac16;

TE_KERNEL void te_fully_connected_s8_mac16(const te_fully_connected *restrict p,
                                           const te_fully_connected_mac16 *restrict laid, const int8_t *in,
                                           const int8_t *weights, const int32_t *bias,
                                           const int32_t *multiplier, const int8_t *shift, int8_t *out,
                                           int8_t *window) {
    const int32_t fours = (p->depth + TE_MAC16_FOUR - 1) / TE_MAC16_FOUR;
    memset(window, 0, (size_t)(fours * TE_MAC16_FOUR * TE_MAC16_ITEM + TE_MAC16_GAP));
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *from = in + batch * p->depth;
        int32_t less = 0;
        te_mac16_widen(window, from, p->depth);
        for (int32_t i = 0; i < p->depth; i++)
            less += from[i] * TE_MAC16_ZERO;
        for (int32_t c = 0; c < p->channels; c++) {
            const int32_t sum = te_mac16_dot(window, weights + c * fours * TE_MAC16_FOUR, fours);
            out[batch * p->channels + c] = te_requantize_dense_s8(p, laid->fitted, laid->left, laid->right,
                                                                  sum - less + bias[c], multiplier, shift, c);
        }
    }
}
