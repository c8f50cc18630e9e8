/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_fft_auto_scale.h"
#include "kernels/frontend.h"

TE_KERNEL te_signal_fft_auto_scale_fn te_signal_fft_auto_scale_portable;

TE_KERNEL void te_signal_fft_auto_scale_portable(const te_signal_fft_auto_scale *restrict p,
                                                 const int16_t *in, int16_t *out, int32_t *bits) {
    int16_t largest = 0;
    for (int32_t i = 0; i < p->size; i++) {
        if (in[i] > largest)
            largest = in[i];
        else if (-in[i] > largest)
            largest = (int16_t)-in[i];
    }
    const int32_t shift = largest <= 0 ? 0 : 15 - te_frontend_bits((uint32_t)largest);
    for (int32_t i = 0; i < p->size; i++)
        out[i] = (int16_t)(in[i] * (1 << shift));
    *bits = shift;
}
