/* SPDX-License-Identifier: Apache-2.0 */
/* Logarithms of channels, as TFLM's SignalFilterBankLog. */
#ifndef TE_SIGNAL_FILTER_BANK_LOG_H
#define TE_SIGNAL_FILTER_BANK_LOG_H

#include "kernels/frontend.h"

typedef struct te_signal_filter_bank_log {
    int32_t channels;
    int32_t correction; /* bits that they are shifted up by before, 0 to 31 */
    int32_t scale;      /* of the natural logarithm */
} te_signal_filter_bank_log;

/* in and out [channels]; table: of te_frontend_log().
   Order: ascending, an element is read before it is written: `out` may be `in`, or lie below it. */
typedef void te_signal_filter_bank_log_fn(const te_signal_filter_bank_log *p, const uint32_t *in,
                                          const uint16_t *table, int16_t *out);

#endif
