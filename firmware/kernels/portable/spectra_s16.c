/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/spectra.h"

/* value * 2^-shift to the nearest, ties up. */
static inline int32_t te_spectra_scaled(int32_t value, int32_t shift) {
    if (shift <= 0)
        return (int32_t)((uint32_t)value << -shift);
    return ((value >> (shift - 1)) + 1) >> 1;
}

/* Bits by which the windowed frame can be shifted up. */
static inline int32_t te_spectra_room(const te_spectra *p, const int16_t *in, const int16_t *window) {
    int32_t used = 1; /* the highest bits of all magnitudes */
    for (int32_t i = 0; i < p->size; i++) {
        const int32_t value = in[i * p->channels] * window[i];
        used |= value < 0 ? -value : value;
    }
    int32_t room = 0;
    while (used < 1 << 29) {
        used *= 2;
        room++;
    }
    return room;
}

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
            const int32_t room = te_spectra_room(p, first, window);
            for (int32_t i = 0; i < p->points; i++) {
                const int32_t at = 2 * order[i];
                z[i] = (te_point){0, 0};
                if (at < p->size)
                    z[i].re = first[at * p->channels] * window[at] * (1 << room);
                if (at + 1 < p->size)
                    z[i].im = first[(at + 1) * p->channels] * window[at + 1] * (1 << room);
            }
            te_fourier_real(&fourier, z);
            for (int32_t k = 0; k <= p->points; k++) {
                z[k].re = te_spectra_scaled(z[k].re, room + p->shift);
                z[k].im = te_spectra_scaled(z[k].im, room + p->shift);
            }
        }
    }
}
