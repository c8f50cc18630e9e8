/* SPDX-License-Identifier: Apache-2.0 */
/* Frames times a window, as TFLM's SignalWindow. */
#ifndef TE_SIGNAL_WINDOW_H
#define TE_SIGNAL_WINDOW_H

#include "kernels/kernel.h"

typedef struct te_signal_window {
    int32_t frames, size;
    int32_t shift; /* fraction bits of a weight, 0 to 30 */
} te_signal_window;

/* in and out [frames, size], weights [size]: the product / 2^shift, rounded down, within the limits of int16.
   Order: ascending, an element is read before it is written: `out` may be `in`, or lie below it. */
typedef void te_signal_window_fn(const te_signal_window *p, const int16_t *in, const int16_t *weights,
                                 int16_t *out);

#endif
