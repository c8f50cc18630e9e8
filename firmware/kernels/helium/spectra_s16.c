/* SPDX-License-Identifier: Apache-2.0 */
/* Four points or bins at a time. window [2, points]: the weights of real and of imaginary parts, in the
   transform's order, 0 behind the frame; order [2, points]: their places in a frame, row times channels, 0
   behind it; root and unfold: of te_points_real(), where points are enough. */
#include "kernels/helium/fourier.h"
#include "kernels/spectra.h"

/* Of windowed points, the real or the imaginary parts. */
static inline int32x4_t te_spectra_windowed(const int16_t *in, const int16_t *window, const uint16_t *order) {
    return vmulq_s32(vldrhq_gather_shifted_offset_s32(in, vldrhq_u32(order)), vldrhq_s32(window));
}

TE_KERNEL te_spectra_s16_fn te_spectra_s16_helium;

TE_KERNEL void te_spectra_s16_helium(const te_spectra *restrict p, const int16_t *in, const int16_t *window,
                                     const uint16_t *order, const int32_t *root, const int32_t *unfold,
                                     int32_t *out) {
    const te_fourier fourier = {p->points, (const te_point *)(const void *)root,
                                (const te_point *)(const void *)unfold};
    te_point *z = (te_point *)(void *)out;
    for (int32_t frame = 0; frame < p->frames; frame++, in += p->step * p->channels) {
        for (int32_t channel = 0; channel < p->channels; channel++, z += p->points + 1) {
            uint32_t largest = 1;
            for (int32_t i = 0; i < p->points; i += 4) {
                const te_points v = {
                    te_spectra_windowed(in + channel, window + i, order + i),
                    te_spectra_windowed(in + channel, window + p->points + i, order + p->points + i)};
                largest = vmaxavq_s32(vmaxavq_s32(largest, v.re), v.im);
                te_points_store(z + i, v);
            }
            int32_t room = 0;
            for (; largest < 1u << 29; room++)
                largest *= 2;
            if (p->points < TE_FOURIER_LEAST)
                te_fourier_real(&fourier, z, room, room + p->shift);
            else
                te_points_real(z, p->points, root, fourier.unfold, room, room + p->shift);
        }
    }
}
