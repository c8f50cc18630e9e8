/* SPDX-License-Identifier: Apache-2.0 */
/* Streams some samples later, as TFLM's SignalDelay. */
#ifndef TE_SIGNAL_DELAY_H
#define TE_SIGNAL_DELAY_H

#include "kernels/kernel.h"

typedef struct te_signal_delay {
    int32_t streams, size; /* samples of each in one run */
    int32_t delay;
} te_signal_delay;

/* in and out [streams, size]; kept [streams, delay] lives on.
   Order: stream by stream. `out` must not overlap `in`. */
typedef void te_signal_delay_fn(const te_signal_delay *p, const int16_t *in, int16_t *kept, int16_t *out);

#endif
