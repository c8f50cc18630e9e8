/* SPDX-License-Identifier: Apache-2.0 */
/* Eight channels at a time, their sums of 32 bits in two vectors: those of even and those of odd channels.

   Bias, multiplier and shift, from tinyedge/plan/layout/helium_short.py, lie in that order, filled up to eight:
   channels 0, 2, 4, 6, 1, 3, 5, 7, 8, 10 and so on; shifts are negative. */
#include "kernels/depthwise_conv_2d.h"
#include "kernels/helium/eight.h"
#include "kernels/taps.h"

/* The inputs of eight channels from `c` on, less that of the first: a quotient by way of a multiplication, which is
   exact for multipliers that the layout lets through. */
static inline uint16x8_t te_depthwise_conv_2d_s16_apart(const te_depthwise_conv_2d *p, int32_t c) {
    const uint16x8_t numbers = vidupq_n_u16((uint32_t)(c % p->multiplier), 1);
    return vmulhq_u16(numbers, vdupq_n_u16((uint16_t)(UINT16_MAX / p->multiplier + 1)));
}

static inline int16x8_t te_depthwise_conv_2d_s16_load(const te_depthwise_conv_2d *p, const int16_t *x,
                                                      uint16x8_t apart, mve_pred16_t lanes) {
    if (p->multiplier == 1)
        return te_eight_load_s16(x, lanes);
    if (p->multiplier % 8 == 0)
        return vdupq_n_s16(*x);
    return vldrhq_gather_shifted_offset_z_s16(x, apart, lanes);
}

/* Adds the products of eight channels at one tap. */
static inline te_eight te_depthwise_conv_2d_s16_add(te_eight sum, int16x8_t x, const int8_t *w,
                                                    mve_pred16_t lanes) {
    const te_eight product = te_eight_product(x, te_eight_load_s8(w, lanes));
    sum.even = vaddq_s32(sum.even, product.even);
    sum.odd = vaddq_s32(sum.odd, product.odd);
    return sum;
}

TE_KERNEL te_depthwise_conv_2d_s16_short_fn te_depthwise_conv_2d_s16_helium;

TE_KERNEL void te_depthwise_conv_2d_s16_helium(const te_depthwise_conv_2d *restrict p, const int16_t *in,
                                               const int8_t *weights, const int32_t *bias,
                                               const int32_t *multiplier, const int8_t *shift, int16_t *out) {
    const int32_t channels = p->out_channels, pitch = p->in_width * p->in_channels;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *image = in + batch * p->in_height * pitch;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
            TE_ROLLED
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
                const int32_t width = columns.last - columns.first;
                int16_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * channels;
                const int16_t *first = image + (top + rows.first * p->dilation_y) * pitch +
                                       (left + columns.first * p->dilation_x) * p->in_channels;
                const int8_t *tap = weights + (rows.first * p->kernel_width + columns.first) * channels;
                TE_ROLLED
                for (int32_t c = 0; c < channels; c += 8) {
                    const mve_pred16_t lanes = vctp16q(channels % 8 == 0 ? 8 : (uint32_t)(channels - c));
                    te_eight sum = {vldrwq_s32(bias + c), vldrwq_s32(bias + c + 4)};
                    const uint16x8_t apart = te_depthwise_conv_2d_s16_apart(p, c);
                    const int16_t *row = first + c / p->multiplier;
                    const int8_t *line = tap + c;
                    for (int32_t ky = rows.first; ky < rows.last; ky++) {
                        const int16_t *from = row;
                        const int8_t *w = line;
                        if (width == p->kernel_width) { /* of which a compiler knows how often */
                            for (int32_t kx = 0; kx < p->kernel_width; kx++) {
                                const int16x8_t inputs = te_depthwise_conv_2d_s16_load(
                                    p, from + kx * p->dilation_x * p->in_channels, apart, lanes);
                                sum = te_depthwise_conv_2d_s16_add(sum, inputs, w + kx * channels, lanes);
                            }
                        } else {
                            TE_ROLLED
                            for (int32_t kx = 0; kx < width; kx++) {
                                const int16x8_t inputs = te_depthwise_conv_2d_s16_load(
                                    p, from + kx * p->dilation_x * p->in_channels, apart, lanes);
                                sum = te_depthwise_conv_2d_s16_add(sum, inputs, w + kx * channels, lanes);
                            }
                        }
                        row += p->dilation_y * pitch;
                        line += p->kernel_width * channels;
                    }
                    sum.even =
                        vrshlq_s32(vmulhq_s32(sum.even, vldrwq_s32(multiplier + c)), vldrbq_s32(shift + c));
                    sum.odd = vrshlq_s32(vmulhq_s32(sum.odd, vldrwq_s32(multiplier + c + 4)),
                                         vldrbq_s32(shift + c + 4));
                    const int16x8_t result = te_eight_clamp_s16(te_eight_narrow(sum), p->out_min, p->out_max);
                    te_eight_store_s16(to + c, result, lanes);
                }
            }
        }
    }
}
