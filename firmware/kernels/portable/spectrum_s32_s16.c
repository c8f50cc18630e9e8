/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/spectrum.h"

TE_KERNEL te_spectrum_s32_s16_fn te_spectrum_s32_s16_portable;

TE_KERNEL void te_spectrum_s32_s16_portable(const te_spectrum *restrict p, const int32_t *in,
                                            const uint16_t *table, int16_t *out) {
    for (int32_t i = 0; i < p->bins; i++) {
        const te_point bin = {in[2 * i], in[2 * i + 1]};
        out[i] = te_level_of(&p->level, te_energy(bin), table);
    }
}
