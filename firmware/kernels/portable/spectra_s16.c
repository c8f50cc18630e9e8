/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/spectra.h"

TE_KERNEL te_spectra_s16_fn te_spectra_s16_portable;

TE_KERNEL void te_spectra_s16_portable(const te_spectra *restrict p, const int16_t *in, const int16_t *window,
                                       const uint16_t *order, const int32_t *root, const int32_t *unfold,
                                       int32_t *out) {
    const te_fourier fourier = {p->points, (const te_point *)(const void *)root,
                                (const te_point *)(const void *)unfold};
    te_point *z = (te_point *)(void *)out;
    for (int32_t frame = 0; frame < p->frames; frame++, in += p->step * p->channels) {
        for (int32_t channel = 0; channel < p->channels; channel++, z += p->points + 1) {
            const int16_t *first = in + channel;
            int32_t used = 1; /* the highest bits of all magnitudes */
            for (int32_t i = 0; i < p->points; i++) {
                const int32_t at = 2 * order[i];
                z[i].re = at < p->size ? first[at * p->channels] * window[at] : 0;
                z[i].im = at + 1 < p->size ? first[(at + 1) * p->channels] * window[at + 1] : 0;
                used |= (z[i].re < 0 ? -z[i].re : z[i].re) | (z[i].im < 0 ? -z[i].im : z[i].im);
            }
            int32_t room = 0; /* bits by which the windowed frame can be shifted up */
            for (; used < 1 << 29; used *= 2)
                room++;
            te_fourier_real(&fourier, z, room, room + p->shift);
        }
    }
}
