/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_filter_bank.h"

TE_KERNEL te_signal_filter_bank_fn te_signal_filter_bank_portable;

TE_KERNEL void te_signal_filter_bank_portable(const te_signal_filter_bank *restrict p, const uint32_t *in,
                                              const int16_t *weights, const int16_t *unweights,
                                              const int16_t *bins, const int16_t *starts,
                                              const int16_t *widths, void *out) {
    uint8_t *target = out;
    uint64_t next = 0;
    for (int32_t channel = 0; channel <= p->channels; channel++) {
        const uint32_t *energy = in + bins[channel];
        const int16_t *weight = weights + starts[channel], *unweight = unweights + starts[channel];
        uint64_t sum = next;
        next = 0;
        for (int32_t i = 0; i < widths[channel]; i++) {
            sum += (uint64_t)weight[i] * energy[i];
            next += (uint64_t)unweight[i] * energy[i];
        }
        if (channel > 0) {
            memcpy(target, &sum, sizeof sum);
            target += sizeof sum;
        }
    }
}
