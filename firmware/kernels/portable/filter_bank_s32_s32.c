/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/filter_bank.h"

TE_KERNEL te_filter_bank_s32_s32_fn te_filter_bank_s32_s32_portable;

TE_KERNEL void te_filter_bank_s32_s32_portable(const te_filter_bank *restrict p, const int32_t *in,
                                               const uint16_t *first, const uint16_t *count,
                                               const uint16_t *weights, int32_t *out) {
    for (int32_t spectrum = 0; spectrum < p->spectra; spectrum++, in += 2 * p->bins) {
        const uint16_t *weight = weights;
        for (int32_t filter = 0; filter < p->filters; filter++) {
            const uint64_t sum = te_filter_bank_sum(in + 2 * first[filter], count[filter], weight);
            weight += count[filter];
            *out++ = te_energy_root(sum);
        }
    }
}
