/* SPDX-License-Identifier: Apache-2.0 */
/* Weighted sums of energies, as TFLM's SignalFilterBank. */
#ifndef TE_SIGNAL_FILTER_BANK_H
#define TE_SIGNAL_FILTER_BANK_H

#include "kernels/kernel.h"

typedef struct te_signal_filter_bank {
    int32_t channels;
} te_signal_filter_bank;

/* in: energies of bins. bins, starts and widths [channels + 1]: first bin, first weight and number of both of
   each filter. weights: of a bin in its filter, unweights: in the next one. out [channels] of uint64, aligned
   to 4 bytes; filter 0 only gives what falls to the first channel. Order: filter by filter. `out` must not
   overlap `in`. */
typedef void te_signal_filter_bank_fn(const te_signal_filter_bank *p, const uint32_t *in,
                                      const int16_t *weights, const int16_t *unweights, const int16_t *bins,
                                      const int16_t *starts, const int16_t *widths, void *out);

#endif
