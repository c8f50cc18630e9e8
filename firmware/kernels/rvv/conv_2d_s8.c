/* SPDX-License-Identifier: Apache-2.0 */
/* For RISC-V with vectors (Zve32x, any length): as many output channels as eight registers hold sums of, and
   two pixels at a time, so that each weight is loaded and widened once for both.

   Weights are [groups, taps, channels of the group]. */
#include "kernels/conv_2d.h"
#include "kernels/rvv/scale.h"

enum { TE_CONV_2D_S8_RVV_TAPS = 640 }; /* of a pixel that the stack holds; the layout knows it, too */

/* The inputs of the window of output `pixel`, in the order of the weights of a group. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_rvv_gather(const te_conv_2d *p, const int8_t *image, int32_t pixel, int32_t group, int8_t *to) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t top = pixel / p->out_width * p->stride_y - p->pad_top;
    const int32_t left = pixel % p->out_width * p->stride_x - p->pad_left;
    const int whole = left >= 0 && left + (p->kernel_width - 1) * p->dilation_x < p->in_width;
    const int side_by_side = p->dilation_x == 1 && p->groups == 1;

    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int inside = row >= 0 && row < p->in_height;
        const int8_t *from = image + (row * p->in_width + left) * p->in_channels + group * depth;
        if (whole && side_by_side && inside) {
            for (int32_t i = 0; i < p->kernel_width * depth; i++)
                to[i] = from[i];
            to += p->kernel_width * depth;
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t right = kx * p->dilation_x;
            const int here = inside && left + right >= 0 && left + right < p->in_width;
            const int8_t *source = here ? from + right * p->in_channels : to;
            for (int32_t i = 0; i < depth; i++)
                to[i] = here ? source[i] : (int8_t)p->in_zero_point;
            to += depth;
        }
    }
}

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_rvv;

TE_KERNEL void te_conv_2d_s8_rvv(const te_conv_2d *p, const int8_t *in, const int8_t *weights,
                                 const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                 int8_t *out) {
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t group_size = p->out_channels / p->groups;
    const te_scale scale = {multiplier, shift,      p->channel_step,
                            p->out_min, p->out_max, p->out_min < p->out_zero_point};
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        int8_t *target = out + batch * pixels * p->out_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
            /* An odd last pixel is computed twice, and written twice. Both are read before one is written. */
            const int32_t first = te_turn(pixel, pixels, p->reverse);
            const int32_t second = te_turn(te_min(pixel + 1, pixels - 1), pixels, p->reverse);
            int8_t window[2][TE_CONV_2D_S8_RVV_TAPS];
            for (int32_t group = 0; group < p->groups; group++) {
                te_conv_2d_s8_rvv_gather(p, image, first, group, window[0] + group * taps);
                te_conv_2d_s8_rvv_gather(p, image, second, group, window[1] + group * taps);
            }
            for (int32_t group = 0; group < p->groups; group++) {
                const int32_t end = (group + 1) * group_size;
                for (int32_t channel = group * group_size; channel < end;) {
                    const size_t lanes = __riscv_vsetvl_e16m4((size_t)(end - channel));
                    const int8_t *a = window[0] + group * taps, *b = window[1] + group * taps;
                    const int8_t *w = weights + group * taps * group_size + channel - group * group_size;
                    vint32m8_t of_a = __riscv_vle32_v_i32m8(bias + channel, lanes);
                    vint32m8_t of_b = of_a;
                    for (int32_t tap = 0; tap < taps; tap++) {
                        const vint16m4_t wide = __riscv_vsext_vf2_i16m4(__riscv_vle8_v_i8m2(w, lanes), lanes);
                        of_a = __riscv_vwmacc_vx_i32m8(of_a, a[tap], wide, lanes);
                        of_b = __riscv_vwmacc_vx_i32m8(of_b, b[tap], wide, lanes);
                        w += group_size;
                    }
                    te_scale_rvv(of_a, &scale, channel, lanes, target + first * p->out_channels);
                    te_scale_rvv(of_b, &scale, channel, lanes, target + second * p->out_channels);
                    channel += (int32_t)lanes;
                }
            }
        }
    }
}
