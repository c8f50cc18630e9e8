/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_filter_bank_square_root.h"
#include "kernels/frontend.h"

TE_KERNEL te_signal_filter_bank_square_root_fn te_signal_filter_bank_square_root_portable;

TE_KERNEL void te_signal_filter_bank_square_root_portable(const te_signal_filter_bank_square_root *restrict p,
                                                          const void *in, const int32_t *bits,
                                                          uint32_t *out) {
    const uint8_t *source = in;
    const int32_t shift = *bits & 31;
    for (int32_t i = 0; i < p->channels; i++) {
        uint64_t sum;
        memcpy(&sum, source, sizeof sum);
        source += sizeof sum;
        out[i] = te_frontend_root(sum) >> shift;
    }
}
