/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_spectral_subtraction.h"

TE_KERNEL te_signal_spectral_subtraction_fn te_signal_spectral_subtraction_portable;

TE_KERNEL void te_signal_spectral_subtraction_portable(const te_signal_spectral_subtraction *restrict p,
                                                       const uint32_t *in, uint32_t *noise, uint32_t *out,
                                                       uint32_t *estimate) {
    for (int32_t i = 0; i < p->channels; i++) {
        out[i] = te_frontend_denoise(i & 1 ? &p->odd : &p->even, in[i], p->clamping, noise + i);
        estimate[i] = noise[i];
    }
}
