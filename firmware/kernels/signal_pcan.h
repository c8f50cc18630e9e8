/* SPDX-License-Identifier: Apache-2.0 */
/* Gain control of each channel, as TFLM's SignalPCAN. */
#ifndef TE_SIGNAL_PCAN_H
#define TE_SIGNAL_PCAN_H

#include "kernels/frontend.h"

typedef struct te_signal_pcan {
    int32_t channels;
    int32_t shift; /* bits of signal times gain below a ratio of 12 fraction bits */
} te_signal_pcan;

/* in, noise and out [channels]; gain [125]: see te_frontend_gain().
   Order: ascending, an element is read before it is written: `out` may be `in`, or `noise`. */
typedef void te_signal_pcan_fn(const te_signal_pcan *p, const uint32_t *in, const uint32_t *noise,
                               const int16_t *gain, uint32_t *out);

#endif
