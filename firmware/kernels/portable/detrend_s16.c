/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/detrend.h"

TE_KERNEL te_detrend_s16_fn te_detrend_s16_portable;

TE_KERNEL void te_detrend_s16_portable(const te_detrend *restrict p, const int16_t *in, int16_t *out) {
    for (int32_t channel = 0; channel < p->channels; channel++) {
        int64_t sum = 0, moment = 0; /* 2^27 and 2^38 at most */
        for (int32_t row = 0; row < p->rows; row++) {
            const int32_t value = in[row * p->channels + channel];
            sum += value;
            moment += te_product(value, 2 * row - (p->rows - 1));
        }
        const int64_t one = INT64_C(1) << TE_DETREND_FRACTION;
        const int64_t mean = te_quotient_signed(sum * one, (uint64_t)p->rows);
        const int64_t slope = p->linear ? te_quotient_signed(moment * one, (uint64_t)p->spread) : 0;
        for (int32_t row = 0; row < p->rows; row++) {
            const int32_t at = row * p->channels + channel;
            const int64_t rest = in[at] * one - mean - slope * (2 * row - (p->rows - 1)) + one / 2;
            out[at] = (int16_t)te_clamp((int32_t)(rest >> TE_DETREND_FRACTION), INT16_MIN, INT16_MAX);
        }
    }
}
