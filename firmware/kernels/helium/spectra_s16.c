/* SPDX-License-Identifier: Apache-2.0 */
/* Four samples, points or bins at a time. */
#include "kernels/helium/fourier.h"
#include "kernels/spectra.h"

/* Windowed samples at these numbers, 0 where the frame has ended. */
static inline int32x4_t te_spectra_windowed(const te_spectra *p, const int16_t *in, const int16_t *window,
                                            uint32x4_t at) {
    const mve_pred16_t inside = vcmphiq_u32(vdupq_n_u32((uint32_t)p->size), at);
    const uint32x4_t places = vmulq_n_u32(at, (uint32_t)p->channels);
    return vmulq_s32(vldrhq_gather_shifted_offset_z_s32(in, places, inside),
                     vldrhq_gather_shifted_offset_z_s32(window, at, inside));
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
            for (int32_t i = 0; i < p->size; i += 4) {
                const uint32x4_t at = vidupq_n_u32((uint32_t)i, 1);
                largest = vmaxavq_s32(largest, te_spectra_windowed(p, in + channel, window, at));
            }
            int32_t room = 0;
            for (; largest < 1u << 29; room++)
                largest *= 2;
            for (int32_t i = 0; i < p->points; i += 4) {
                const uint32x4_t at = vshlq_n_u32(vldrhq_u32(order + i), 1);
                const int32x4_t re = te_spectra_windowed(p, in + channel, window, at);
                const int32x4_t im = te_spectra_windowed(p, in + channel, window, vaddq_n_u32(at, 1));
                te_points_store(z + i, (te_points){vshlq_r_s32(re, room), vshlq_r_s32(im, room)});
            }
            if (p->points < TE_FOURIER_LEAST)
                te_fourier_real(&fourier, z);
            else
                te_points_real(&fourier, z);
            const int32x4_t shift = vdupq_n_s32(-(room + p->shift));
            int32_t *words = &z->re;
            for (int32_t left = 2 * (p->points + 1); left > 0; left -= 4, words += 4) {
                const mve_pred16_t lanes = vctp32q((uint32_t)left);
                vstrwq_p_s32(words, vrshlq_s32(vldrwq_z_s32(words, lanes), shift), lanes);
            }
        }
    }
}
