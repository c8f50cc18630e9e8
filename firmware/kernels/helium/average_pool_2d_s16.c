/* SPDX-License-Identifier: Apache-2.0 */
/* Eight channels at a time, their sums of 32 bits in two vectors. A sum is divided by its taps by a multiplication
   with M = 2^32 / taps, rounded up, as in average_pool_2d_s8.c: n * (M * taps - 2^32) < 2^32 holds for any sum of
   TE_POOL_2D_HELIUM_TAPS taps. */
#include "kernels/helium/eight.h"
#include "kernels/helium/pool_2d.h"
#include "kernels/taps.h"

/* The mean of four sums, to the nearest, ties away from zero. */
static inline int32x4_t te_average_pool_2d_s16_mean(int32x4_t sum, int32_t taps, uint32_t reciprocal) {
    uint32x4_t size = vaddq_n_u32(vreinterpretq_u32_s32(vabsq_s32(sum)), (uint32_t)(taps / 2));
    if (taps > 1)
        size = vmulhq_u32(size, vdupq_n_u32(reciprocal));
    const int32x4_t mean = vreinterpretq_s32_u32(size);
    return vnegq_m_s32(mean, mean, vcmpltq_n_s32(sum, 0));
}

TE_KERNEL te_average_pool_2d_s16_fn te_average_pool_2d_s16_helium;

TE_KERNEL void te_average_pool_2d_s16_helium(const te_pool_2d *restrict p, const int16_t *in, int16_t *out) {
    const int32_t pitch = p->in_width * p->channels;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *image = in + batch * p->in_height * pitch;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, 1, p->kernel_height, p->in_height);
            TE_ROLLED
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                int16_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->channels;
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps columns = te_taps_inside(left, 1, p->kernel_width, p->in_width);
                const int32_t width = columns.last - columns.first;
                const int32_t taps = (rows.last - rows.first) * width;
                const uint32_t reciprocal = UINT32_MAX / (uint32_t)taps + 1;
                const int16_t *first =
                    image + (top + rows.first) * pitch + (left + columns.first) * p->channels;
                TE_ROLLED
                for (int32_t channel = 0; channel < p->channels; channel += 8) {
                    const mve_pred16_t lanes =
                        vctp16q(p->channels % 8 == 0 ? 8 : (uint32_t)(p->channels - channel));
                    te_eight sum = {vdupq_n_s32(0), vdupq_n_s32(0)};
                    const int16_t *row = first + channel;
                    for (int32_t ky = rows.first; ky < rows.last; ky++) {
                        const int16_t *from = row;
                        for (int32_t kx = 0; kx < width; kx++) {
                            const te_eight wide = te_eight_widen(te_eight_load_s16(from, lanes));
                            sum.even = vaddq_s32(sum.even, wide.even);
                            sum.odd = vaddq_s32(sum.odd, wide.odd);
                            from += p->channels;
                        }
                        row += pitch;
                    }
                    sum.even = te_average_pool_2d_s16_mean(sum.even, taps, reciprocal);
                    sum.odd = te_average_pool_2d_s16_mean(sum.odd, taps, reciprocal);
                    const int16x8_t mean = te_eight_clamp_s16(te_eight_narrow(sum), p->out_min, p->out_max);
                    te_eight_store_s16(to + channel, mean, lanes);
                }
            }
        }
    }
}
