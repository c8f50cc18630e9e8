/* SPDX-License-Identifier: Apache-2.0 */
/* Eight channels at a time. A sum is divided by its taps by a multiplication with M = 2^16 / taps, rounded up:
   floor(n * M / 2^16) is floor(n / taps) as long as n * (M * taps - 2^16) < 2^16, and the second factor is below
   `taps`. n is at most 128.5 * taps, so that this holds up to TE_POOL_2D_HELIUM_TAPS. */
#include "kernels/helium/eight.h"
#include "kernels/helium/pool_2d.h"
#include "kernels/taps.h"

/* The mean of eight sums, to the nearest, ties away from zero. */
static inline int16x8_t te_average_pool_2d_s8_mean(int16x8_t sum, int32_t taps, uint16_t reciprocal) {
    uint16x8_t size = vaddq_n_u16(vreinterpretq_u16_s16(vabsq_s16(sum)), (uint16_t)(taps / 2));
    if (taps > 1)
        size = vmulhq_u16(size, vdupq_n_u16(reciprocal));
    const int16x8_t mean = vreinterpretq_s16_u16(size);
    return vnegq_m_s16(mean, mean, vcmpltq_n_s16(sum, 0));
}

TE_KERNEL te_average_pool_2d_s8_fn te_average_pool_2d_s8_helium;

TE_KERNEL void te_average_pool_2d_s8_helium(const te_pool_2d *restrict p, const int8_t *in, int8_t *out) {
    const int32_t pitch = p->in_width * p->channels;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * pitch;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, 1, p->kernel_height, p->in_height);
            TE_ROLLED
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                int8_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->channels;
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps columns = te_taps_inside(left, 1, p->kernel_width, p->in_width);
                const int32_t width = columns.last - columns.first;
                const int32_t taps = (rows.last - rows.first) * width;
                const uint16_t reciprocal = (uint16_t)(UINT16_MAX / taps + 1);
                const int8_t *first =
                    image + (top + rows.first) * pitch + (left + columns.first) * p->channels;
                TE_ROLLED
                for (int32_t channel = 0; channel < p->channels; channel += 8) {
                    const mve_pred16_t lanes = vctp16q((uint32_t)(p->channels - channel));
                    int16x8_t sum = vdupq_n_s16(0);
                    const int8_t *row = first + channel;
                    for (int32_t ky = rows.first; ky < rows.last; ky++) {
                        const int8_t *from = row;
                        for (int32_t kx = 0; kx < width; kx++) {
                            sum = vaddq_s16(sum, te_eight_load_s8(from, lanes));
                            from += p->channels;
                        }
                        row += pitch;
                    }
                    const int16x8_t mean = te_average_pool_2d_s8_mean(sum, taps, reciprocal);
                    te_eight_store_s8(to + channel, te_eight_clamp_s8(mean, p->out_min, p->out_max), lanes);
                }
            }
        }
    }
}
