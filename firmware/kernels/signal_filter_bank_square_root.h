/* SPDX-License-Identifier: Apache-2.0 */
/* Square roots of sums, as TFLM's SignalFilterBankSquareRoot. */
#ifndef TE_SIGNAL_FILTER_BANK_SQUARE_ROOT_H
#define TE_SIGNAL_FILTER_BANK_SQUARE_ROOT_H

#include "kernels/kernel.h"

typedef struct te_signal_filter_bank_square_root {
    int32_t channels;
} te_signal_filter_bank_square_root;

/* in [channels] of uint64, aligned to 4 bytes; bits [1]: what the roots are shifted down by, of 32; out
   [channels].
   Order: ascending, an element is read before it is written: `out` may be `in`, or lie below it. */
typedef void te_signal_filter_bank_square_root_fn(const te_signal_filter_bank_square_root *p, const void *in,
                                                  const int32_t *bits, uint32_t *out);

#endif
