/* SPDX-License-Identifier: Apache-2.0 */
/* The audio front end of TensorFlow Lite Micro: logarithms of mel energies, freed of noise, gain controlled.
 */
#ifndef TE_AUDIO_FRONTEND_H
#define TE_AUDIO_FRONTEND_H

#include "kernels/fft.h"

typedef struct te_audio_frontend {
    int32_t frames, size, step; /* frames of `size` samples, the next one `step` later */
    int32_t points;             /* complex ones of the transform */
    int32_t channels;           /* of the filter bank */
    int32_t first_bin;          /* of its first filter */
    int32_t warm_up;            /* frames from the beginning that reach back before the first sample */
    int32_t smoothing[2];       /* of the noise estimate in even and odd channels, of 2^14 */
    int32_t smoothing_bits;     /* bits of the estimate below the signal */
    int32_t least_signal;       /* share of the signal that always remains, of 2^14 */
    int32_t snr_shift;          /* bits of signal * gain below a ratio of 12 fraction bits */
    int32_t correction;         /* bits that the signal is short of: it is shifted up before the logarithm */
    int32_t scale_bits;         /* of the output below 1 */
} te_audio_frontend;

/* in [size + (frames - 1) * step], out [frames, channels] with `scale_bits` fraction bits.
   window [size], 12 fraction bits; order, root, unfold: of te_fft.
   widths [channels + 1]: bins of each filter, one behind another from first_bin on; weights [sum of widths,
   2]: of a bin in its filter, and in the one before; 12 fraction bits. gain [125]: of powers of two, see
   te_frontend_gain(); logarithm [129]: 2^16 * (log2(1 + i / 128) - i / 128). noise [channels] and seen [1]
   (frames so far, at most warm_up) live on from run to run. scratch: 2 * points + 1 complex numbers, 2 *
   points samples, channels + 1 sums of 64 bits, in this order from behind: sums first, at a
   multiple of 8 within the first 4 bytes.

   A frame that reaches back before the first sample gives zeros and teaches the noise estimate nothing.
   Order: frame by frame. `out` must not overlap `in`. */
typedef void te_audio_frontend_s16_fn(const te_audio_frontend *p, const int16_t *in, const int16_t *window,
                                      const uint16_t *order, const int16_t *root, const int16_t *unfold,
                                      const int16_t *widths, const uint16_t *weights, const int16_t *gain,
                                      const uint16_t *logarithm, int32_t *noise, int32_t *seen, void *scratch,
                                      int16_t *out);

#endif
