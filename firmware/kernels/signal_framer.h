/* SPDX-License-Identifier: Apache-2.0 */
/* Overlapping frames of a stream, as TFLM's SignalFramer. */
#ifndef TE_SIGNAL_FRAMER_H
#define TE_SIGNAL_FRAMER_H

#include "kernels/kernel.h"

typedef struct te_signal_framer {
    int32_t streams;
    int32_t frames, size, step; /* of one run; frames of `size` samples, the next one `step` later */
    int32_t held;               /* samples that are kept from run to run */
    int32_t warm_up;            /* frames until enough has come */
} te_signal_framer;

/* in [streams, frames * step], out [streams, frames, size]: kept, then new samples, of which a frame is the
   first `size`. kept [streams, held] and seen [1] (frames so far, at most warm_up) live on. valid [1]:
   whether all frames of this run are; those that are not TFLM leaves as they were. Order: frame by frame. No
   output may overlap `in`. */
typedef void te_signal_framer_fn(const te_signal_framer *p, const int16_t *in, int16_t *kept, int32_t *seen,
                                 int16_t *out, uint8_t *valid);

#endif
