/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as large as 16 bits allow, as TFLM's SignalFftAutoScale. */
#ifndef TE_SIGNAL_FFT_AUTO_SCALE_H
#define TE_SIGNAL_FFT_AUTO_SCALE_H

#include "kernels/kernel.h"

typedef struct te_signal_fft_auto_scale {
    int32_t size;
} te_signal_fft_auto_scale;

/* in and out [size]; bits [1]: by how many all were shifted up, 0 where all are 0. The largest magnitude is
   kept in 16 bits, where that of -2^15 is -2^15 itself, and so less than whatever follows it. Order: all are
   read, then each is read again before it is written: `out` may be `in`, and must not overlap it otherwise.
 */
typedef void te_signal_fft_auto_scale_fn(const te_signal_fft_auto_scale *p, const int16_t *in, int16_t *out,
                                         int32_t *bits);

#endif
