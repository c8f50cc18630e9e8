/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/log_softmax.h"

TE_KERNEL te_log_softmax_s8_fn te_log_softmax_s8_portable;

TE_KERNEL void te_log_softmax_s8_portable(const te_log_softmax *restrict p, const int8_t *in,
                                          const int32_t *exp, int8_t *out) {
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t largest = in[0];
        for (int32_t i = 1; i < p->depth; i++)
            largest = te_max(largest, in[i]);
        int32_t sum = 0;
        for (int32_t i = 0; i < p->depth; i++)
            if (largest - in[i] < p->exps)
                sum += exp[largest - in[i]];
        const int32_t logarithm = te_logarithm(sum);
        const int32_t least =
            te_max(-p->exps, te_requantize(logarithm + INT32_MIN, p->back_multiplier, p->back_shift));
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t below = in[i] - largest;
            int32_t result = -128;
            if (below > least) {
                const int32_t real = te_requantize(below, p->multiplier, p->shift) - logarithm;
                result = te_clamp(te_divide_by_power(real, 22) + 127, -128, 127);
            }
            out[i] = (int8_t)result;
        }
        in += p->depth;
        out += p->depth;
    }
}
