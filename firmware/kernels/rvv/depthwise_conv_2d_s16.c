/* SPDX-License-Identifier: Apache-2.0 */
/* A vector of channels at a time. */
#include "kernels/depthwise_conv_2d.h"
#include "kernels/rvv/lanes.h"
#include "kernels/taps.h"

/* te_requantize_short of every lane, clamped, to `out`. */
static inline void te_depthwise_conv_2d_s16_finish(const te_depthwise_conv_2d *p, vint32m4_t sum,
                                                   const int32_t *multiplier, const int8_t *shift,
                                                   int16_t *out, size_t vl) {
    const vint32m4_t right = __riscv_vsext_vf4_i32m4(__riscv_vle8_v_i8m1(shift, vl), vl);
    sum = __riscv_vmulh_vv_i32m4(sum, __riscv_vle32_v_i32m4(multiplier, vl), vl);
    sum = __riscv_vssra_vv_i32m4(sum, __riscv_vreinterpret_v_i32m4_u32m4(right), __RISCV_VXRM_RNU, vl);
    te_lanes_store_s16(out, te_lanes_clamp(sum, p->out_min, p->out_max, vl), vl);
}

TE_KERNEL te_depthwise_conv_2d_s16_short_fn te_depthwise_conv_2d_s16_rvv;

TE_KERNEL void te_depthwise_conv_2d_s16_rvv(const te_depthwise_conv_2d *restrict p, const int16_t *in,
                                            const int8_t *weights, const int32_t *bias,
                                            const int32_t *multiplier, const int8_t *shift, int16_t *out) {
    const int32_t channels = p->out_channels, pitch = p->in_width * channels;
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
                                       (left + columns.first * p->dilation_x) * channels;
                const int8_t *tap = weights + (rows.first * p->kernel_width + columns.first) * channels;
                int32_t c = 0;
                TE_ROLLED
                while (c < channels) {
                    const size_t vl = __riscv_vsetvl_e32m4((size_t)(channels - c));
                    vint32m4_t sum = __riscv_vle32_v_i32m4(bias + c, vl);
                    const int16_t *row = first + c;
                    const int8_t *line = tap + c;
                    TE_ROLLED
                    for (int32_t ky = rows.first; ky < rows.last; ky++) {
                        const int16_t *from = row;
                        const int8_t *w = line;
                        TE_ROLLED
                        for (int32_t kx = 0; kx < width; kx++) {
                            const vint16m2_t weight = __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1(w, vl), vl);
                            sum = __riscv_vwmacc_vv_i32m4(sum, __riscv_vle16_v_i16m2(from, vl), weight, vl);
                            from += p->dilation_x * channels;
                            w += channels;
                        }
                        row += p->dilation_y * pitch;
                        line += p->kernel_width * channels;
                    }
                    te_depthwise_conv_2d_s16_finish(p, sum, multiplier + c, shift + c, to + c, vl);
                    c += (int32_t)vl;
                }
            }
        }
    }
}
