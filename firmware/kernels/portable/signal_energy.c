/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_energy.h"

TE_KERNEL te_signal_energy_fn te_signal_energy_portable;

TE_KERNEL void te_signal_energy_portable(const te_signal_energy *restrict p, const int16_t *in,
                                         uint32_t *out) {
    for (int32_t bin = 0; bin < p->bins; bin++) {
        const int32_t re = in[2 * bin], im = in[2 * bin + 1];
        const int32_t within = bin >= p->first && bin < p->end;
        out[bin] = within ? (uint32_t)(re * re) + (uint32_t)(im * im) : 0;
    }
}
