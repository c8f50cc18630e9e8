/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/spectrum.h"

TE_KERNEL te_spectrum_s32_s32_fn te_spectrum_s32_s32_portable;

TE_KERNEL void te_spectrum_s32_s32_portable(const te_spectrum *restrict p, const int32_t *in, int32_t *out) {
    for (int32_t i = 0; i < p->bins; i++)
        out[i] = te_energy_root(te_energy((te_point){in[2 * i], in[2 * i + 1]}));
}
