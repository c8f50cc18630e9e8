/* SPDX-License-Identifier: Apache-2.0 */
/* Channels freed of noise, as TFLM's SignalFilterBankSpectralSubtraction. */
#ifndef TE_SIGNAL_SPECTRAL_SUBTRACTION_H
#define TE_SIGNAL_SPECTRAL_SUBTRACTION_H

#include "kernels/frontend.h"

typedef struct te_signal_spectral_subtraction {
    int32_t channels;
    int32_t clamping;     /* 1: the estimate is never more than the signal */
    te_denoise even, odd; /* of channels */
} te_signal_spectral_subtraction;

/* in, out and estimate [channels]: signal, what is left of it, and the estimate of its noise, of which
   `noise` [channels] is the state. Order: ascending, an element is read before it is written: `out` may be
   `in`. */
typedef void te_signal_spectral_subtraction_fn(const te_signal_spectral_subtraction *p, const uint32_t *in,
                                               uint32_t *noise, uint32_t *out, uint32_t *estimate);

#endif
