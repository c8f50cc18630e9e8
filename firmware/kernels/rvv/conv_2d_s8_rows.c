/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes are outputs of a row: every tap is a load of what it meets in all of them, and for each of three
   channels one weight times these. The rows of the input that a row of outputs meets are laid on the stack
   first, padded and sorted into phases, so that what a tap meets lies side by side at any stride: of the
   inputs of one phase each is `phases` = stride times channels after the one before.

   Weights, from tinyedge/plan/layout/rvv_rows.py: for every three channels, and for those that remain, [rows,
   taps of a row by phase, channels]; multipliers and shifts for every channel. */
#include "kernels/rvv/conv_2d.h"
#include "kernels/rvv/vector.h"
#include "kernels/unrolled.h"

/* Inputs of a phase in a row. */
static inline int32_t te_conv_2d_s8_rows_pitch(const te_conv_2d *p) {
    const int32_t phases = p->stride_x * p->in_channels;
    return p->out_width - 1 + (p->kernel_width * p->in_channels + phases - 1) / phases;
}

/* Lays the rows that begin at row `top` of `in`. */
TE_KERNEL void te_conv_2d_s8_rows_lay(const te_conv_2d *restrict p, const int8_t *in, int32_t top,
                                      int8_t *rows) {
    const int32_t phases = p->stride_x * p->in_channels;
    const int32_t pitch = te_conv_2d_s8_rows_pitch(p);
    const int32_t left = p->pad_left * p->in_channels, width = p->in_width * p->in_channels;
    TE_ROLLED
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = top + ky * p->dilation_y;
        TE_ROLLED
        for (int32_t phase = 0; phase < phases; phase++) {
            const int inside = y >= 0 && y < p->in_height;
            const int32_t first = te_max(left - phase + phases - 1, 0) / phases;
            const int32_t start = phase + first * phases - left;
            int32_t count = te_clamp((width - start + phases - 1) / phases, 0, pitch - first);
            if (!inside || first > 0 || count < pitch - first)
                te_fill_s8(rows, p->in_zero_point, pitch);
            const int8_t *from = in + (inside ? y * width + start : 0);
            int8_t *to = rows + first;
            TE_ROLLED
            while (inside && count > 0) {
                const size_t vl = __riscv_vsetvl_e8m8((size_t)count);
                __riscv_vse8_v_i8m8(to, __riscv_vlse8_v_i8m8(from, phases, vl), vl);
                to += vl;
                from += (int32_t)vl * phases;
                count -= (int32_t)vl;
            }
            rows += pitch;
        }
    }
}

/* `count` channels, 1 to 3, of `vl` outputs; what the first of these meets begins at x. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_rows_few(const te_conv_2d *p, const int8_t *x,
                                                                         const int8_t *w, const int32_t *bias,
                                                                         const int32_t *multiplier,
                                                                         const int8_t *shift, int32_t count,
                                                                         int8_t *out, size_t vl) {
    const te_output output = {p->out_zero_point, p->out_min, p->out_max, p->max_shift};
    const int32_t phases = p->stride_x * p->in_channels;
    const int32_t taps = p->kernel_width * p->in_channels;
    const int32_t pitch = te_conv_2d_s8_rows_pitch(p);
    vint32m8_t s0 = __riscv_vmv_v_x_i32m8(bias[0], vl);
    vint32m8_t s1 = __riscv_vmv_v_x_i32m8(count > 1 ? bias[1] : 0, vl);
    vint32m8_t s2 = __riscv_vmv_v_x_i32m8(count > 2 ? bias[2] : 0, vl);
    TE_ROLLED
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        /* Phases that have one tap more come first. */
        TE_UNROLLED
        for (int32_t part = 0; part < 2; part++) {
            const int32_t begin = part == 0 ? 0 : taps % phases;
            const int32_t end = part == 0 ? taps % phases : te_min(phases, taps);
            const int32_t steps = taps / phases + (part == 0);
            TE_ROLLED
            for (int32_t phase = begin; phase < end; phase++) {
                const int8_t *at = x + phase * pitch;
                TE_TAPS
                for (int32_t i = 0; i < steps; i++) {
                    if (i % 4 == 0) /* registers suffice for the loads of four taps */
                        TE_FORGET(w);
                    const vint16m4_t inputs = __riscv_vsext_vf2_i16m4(__riscv_vle8_v_i8m2(at, vl), vl);
                    s0 = __riscv_vwmacc_vx_i32m8(s0, w[0], inputs, vl);
                    if (count > 1)
                        s1 = __riscv_vwmacc_vx_i32m8(s1, w[1], inputs, vl);
                    if (count > 2)
                        s2 = __riscv_vwmacc_vx_i32m8(s2, w[2], inputs, vl);
                    at++;
                    w += count;
                }
            }
        }
        x += phases * pitch;
    }
    te_requantize_alike(s0, multiplier[0], shift[0], output, out, p->out_channels, vl);
    if (count > 1)
        te_requantize_alike(s1, multiplier[1], shift[1], output, out + 1, p->out_channels, vl);
    if (count > 2)
        te_requantize_alike(s2, multiplier[2], shift[2], output, out + 2, p->out_channels, vl);
}

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_rows_rvv;

TE_KERNEL void te_conv_2d_s8_rows_rvv(const te_conv_2d *restrict p, const int8_t *in, const int8_t *weights,
                                      const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                      int8_t *out) {
    enum { THREE = TE_CONV_2D_RVV_PIXELS };
    const int32_t taps = p->kernel_height * p->kernel_width * p->in_channels;
    const int32_t rest = p->out_channels % THREE;
    int8_t rows[TE_CONV_2D_RVV_WINDOWS];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            int8_t *to = out + (batch * p->out_height + y) * p->out_width * p->out_channels;
            const int8_t *x = rows;
            int32_t vl;
            te_conv_2d_s8_rows_lay(p, image, y * p->stride_y - p->pad_top, rows);
            for (int32_t left = p->out_width; left > 0; left -= vl) {
                const int8_t *w = weights;
                int32_t c = 0;
                vl = (int32_t)__riscv_vsetvl_e32m8((size_t)left);
                TE_ROLLED
                for (; c + THREE <= p->out_channels; c += THREE) {
                    te_conv_2d_s8_rows_few(p, x, w, bias + c, multiplier + c, shift + c, THREE, to + c,
                                           (size_t)vl);
                    w += taps * THREE;
                }
                if (rest == 2)
                    te_conv_2d_s8_rows_few(p, x, w, bias + c, multiplier + c, shift + c, 2, to + c,
                                           (size_t)vl);
                else if (rest == 1)
                    te_conv_2d_s8_rows_few(p, x, w, bias + c, multiplier + c, shift + c, 1, to + c,
                                           (size_t)vl);
                x += vl;
                to += vl * p->out_channels;
            }
        }
    }
}
