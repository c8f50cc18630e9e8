/* SPDX-License-Identifier: Apache-2.0 */
/* Real Fourier transforms of frames, as TFLM's SignalRfft of int16. */
#ifndef TE_SIGNAL_RFFT_H
#define TE_SIGNAL_RFFT_H

#include "kernels/fft.h"

typedef struct te_signal_rfft {
    int32_t frames, size; /* samples of a frame; zeros follow them */
    int32_t points;       /* of the transform, complex ones */
} te_signal_rfft;

/* in [frames, size], out [frames, points + 1, 2]; order, root, unfold: of te_fft. scratch: 2 * points samples
   and points complex numbers. Order: frame by frame. `out` must not overlap `in`. */
typedef void te_signal_rfft_fn(const te_signal_rfft *p, const int16_t *in, const uint16_t *order,
                               const int16_t *root, const int16_t *unfold, void *scratch, int16_t *out);

#endif
