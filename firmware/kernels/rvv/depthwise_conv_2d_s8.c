/* SPDX-License-Identifier: Apache-2.0 */
/* For RISC-V with vectors (Zve32x, any length): as many channels of a pixel as eight registers hold sums of.
 */
#include "kernels/depthwise_conv_2d.h"
#include "kernels/rvv/scale.h"

TE_KERNEL te_depthwise_conv_2d_s8_fn te_depthwise_conv_2d_s8_rvv;

TE_KERNEL void te_depthwise_conv_2d_s8_rvv(const te_depthwise_conv_2d *p, const int8_t *in,
                                           const int8_t *weights, const int32_t *bias,
                                           const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const te_scale scale = {multiplier, shift,      p->channel_step,
                            p->out_min, p->out_max, p->out_min < p->out_zero_point};

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                int8_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->out_channels;
                const int32_t top = y * p->stride_y - p->pad_top;
                const int32_t left = x * p->stride_x - p->pad_left;
                for (int32_t channel = 0; channel < p->out_channels;) {
                    const size_t lanes = __riscv_vsetvl_e16m4((size_t)(p->out_channels - channel));
                    const int8_t *w = weights + channel;
                    vint32m8_t sums = __riscv_vle32_v_i32m8(bias + channel, lanes);
                    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
                        const int32_t row = top + ky * p->dilation_y;
                        const int inside = row >= 0 && row < p->in_height;
                        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
                            const int32_t column = left + kx * p->dilation_x;
                            const vint16m4_t wide =
                                __riscv_vsext_vf2_i16m4(__riscv_vle8_v_i8m2(w, lanes), lanes);
                            if (inside && column >= 0 && column < p->in_width) {
                                const int8_t *at =
                                    image + (row * p->in_width + column) * p->in_channels + channel;
                                const vint8m2_t narrow = __riscv_vle8_v_i8m2(at, lanes);
                                sums = __riscv_vwmacc_vv_i32m8(sums, __riscv_vsext_vf2_i16m4(narrow, lanes),
                                                               wide, lanes);
                            } else {
                                sums = __riscv_vwmacc_vx_i32m8(sums, p->in_zero_point, wide, lanes);
                            }
                            w += p->out_channels;
                        }
                    }
                    te_scale_rvv(sums, &scale, channel, lanes, to);
                    channel += (int32_t)lanes;
                }
            }
        }
    }
}
