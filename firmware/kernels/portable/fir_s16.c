/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/fir.h"

TE_KERNEL te_fir_s16_fn te_fir_s16_portable;

TE_KERNEL void te_fir_s16_portable(const te_fir *restrict p, const int16_t *in, const int16_t *coefficients,
                                   int16_t *out) {
    for (int32_t row = 0; row < p->rows; row++, in += p->stride * p->channels) {
        for (int32_t channel = 0; channel < p->channels; channel++) {
            const int16_t *x = in + channel;
            int64_t sum = te_fir_half(p);
            for (int32_t i = 0; i < p->taps; i++)
                sum += x[i * p->channels] * coefficients[i];
            *out++ = te_fir_rounded(p, sum);
        }
    }
}
