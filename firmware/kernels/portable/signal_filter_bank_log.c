/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_filter_bank_log.h"

TE_KERNEL te_signal_filter_bank_log_fn te_signal_filter_bank_log_portable;

TE_KERNEL void te_signal_filter_bank_log_portable(const te_signal_filter_bank_log *restrict p,
                                                  const uint32_t *in, const uint16_t *table, int16_t *out) {
    for (int32_t i = 0; i < p->channels; i++)
        out[i] = te_frontend_log(in[i] << p->correction, table, (uint32_t)p->scale);
}
