/* SPDX-License-Identifier: Apache-2.0 */
/* The last frames side by side, as TFLM's SignalStacker. */
#ifndef TE_SIGNAL_STACKER_H
#define TE_SIGNAL_STACKER_H

#include "kernels/kernel.h"

typedef struct te_signal_stacker {
    int32_t channels;
    int32_t left, right; /* frames before and behind the one in the middle */
    int32_t step;        /* runs from one that gives something to the next */
} te_signal_stacker;

/* in [channels], out [left + 1 + right, channels]: the first frame counts `left` times more. kept [left +
   right, channels] and seen [1] (0 before the first run) live on. valid [1]: whether this run gives
   something; where not, TFLM leaves `out` as it was. Order: all outputs are written before `in` is read for
   the last time: they must not overlap. */
typedef void te_signal_stacker_fn(const te_signal_stacker *p, const int16_t *in, int16_t *kept, int32_t *seen,
                                  int16_t *out, uint8_t *valid);

#endif
