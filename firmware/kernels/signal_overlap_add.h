/* SPDX-License-Identifier: Apache-2.0 */
/* Overlapping frames added up to a stream, as TFLM's SignalOverlapAdd of int16. */
#ifndef TE_SIGNAL_OVERLAP_ADD_H
#define TE_SIGNAL_OVERLAP_ADD_H

#include "kernels/kernel.h"

typedef struct te_signal_overlap_add {
    int32_t streams;
    int32_t frames, size, step; /* frames of `size` samples, the next one `step` later */
} te_signal_overlap_add;

/* in [streams, frames, size], out [streams, frames * step]; kept [streams, size], sums so far, lives on. Each
   addition saturates.
   Order: frame by frame. `out` must not overlap `in`. */
typedef void te_signal_overlap_add_fn(const te_signal_overlap_add *p, const int16_t *in, int16_t *kept,
                                      int16_t *out);

#endif
