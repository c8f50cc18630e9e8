/* SPDX-License-Identifier: Apache-2.0 */
/* Windowed frames of every channel of a stream become spectra. */
#ifndef TE_SPECTRA_H
#define TE_SPECTRA_H

#include "kernels/fourier.h"

typedef struct te_spectra {
    int32_t channels;
    int32_t frames, size, step; /* frames of `size` rows, the next one `step` rows later */
    int32_t points;             /* of the transform, complex ones: 2 * points >= size */
    int32_t shift;              /* bits that a bin lies below the mean of samples times 2^15 times window */
} te_spectra;

/* in [size + (frames - 1) * step, channels], out [frames, channels, points + 1, 2]: real and imaginary parts
   of sum(in[i] * window[i] * exp(-2 pi i k / (2 * points))) / (2 * points) / 2^shift, where shift may be
   negative. window [size] in steps of 2^-15; order [points], root and unfold: of te_fourier.

   Each frame is shifted up as far as 30 bits allow before the transform, and back behind it.
   Order: frame by frame. `out` must not overlap `in`. */
typedef void te_spectra_s16_fn(const te_spectra *p, const int16_t *in, const int16_t *window,
                               const uint16_t *order, const int32_t *root, const int32_t *unfold,
                               int32_t *out);

#endif
