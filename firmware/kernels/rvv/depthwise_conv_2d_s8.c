/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes are output channels, and where there are few and pixels move by one column, channels of several
   pixels: the inputs that these need for a tap lie side by side, too. The inputs of a stretch of pixels are
   copied to the stack first, with the padding filled in.

   Weights, from tinyedge/layout/rvv.py: [taps, pixels at once, channels]; bias, multipliers and shifts
   repeated alike. */
#include "kernels/depthwise_conv_2d.h"
#include "kernels/rvv/vector.h"

enum { TE_DEPTHWISE_S8_STRIP = 2048 /* stack bytes for the inputs; the layout knows it, too */ };

/* Copies `count` output channels' inputs, from channel `first` on of the pixel at `from`: each as often as it
   has outputs. */
static inline void te_depthwise_s8_spread(int8_t *to, const int8_t *from, int32_t first, int32_t count,
                                          int32_t multiplier) {
    TE_ROLLED
    for (int32_t c = first; c < first + count;) {
        const size_t vl = (size_t)te_lanes(first + count - c);
        vuint8m4_t source = __riscv_vadd_vx_u8m4(__riscv_vid_v_u8m4(vl), (uint8_t)(c % multiplier), vl);
        source = __riscv_vdivu_vx_u8m4(source, (uint8_t)multiplier, vl);
        __riscv_vse8_v_i8m4(to, __riscv_vluxei8_v_i8m4(from + c / multiplier, source, vl), vl);
        to += vl;
        c += (int32_t)vl;
    }
}

/* The inputs of `channels` output channels from `start` on, of `columns` columns of the window's rows. */
TE_KERNEL void te_depthwise_s8_lay(const te_depthwise_conv_2d *p, const int8_t *in, int32_t top, int32_t left,
                                   int32_t columns, int32_t start, int32_t channels, int8_t *strip) {
    const int32_t first = te_clamp(-left, 0, columns), last = te_clamp(p->in_width - left, first, columns);
    TE_ROLLED
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int8_t *from = in + (row * p->in_width + left + first) * p->in_channels;
        const int inside = row >= 0 && row < p->in_height;
        if (!inside || last - first < columns)
            te_fill_s8(strip, p->in_zero_point, columns * channels);
        if (inside && p->multiplier == 1 && channels == p->in_channels) {
            te_copy_s8(strip + first * channels, from, (last - first) * channels);
        } else if (inside) {
            TE_ROLLED
            for (int32_t x = first; x < last; x++, from += p->in_channels) {
                if (p->multiplier == 1)
                    te_copy_s8(strip + x * channels, from + start, channels);
                else
                    te_depthwise_s8_spread(strip + x * channels, from, start, channels, p->multiplier);
            }
        }
        strip += columns * channels;
    }
}

/* Sums of `vl` lanes, begun with `bias`. Products of 16 bits are added to sums of 32 in two halves, as far as
   registers reach: lanes that are not there are computed, too, but not stored. */
static inline __attribute__((always_inline)) void
te_depthwise_s8_sums(const te_depthwise_conv_2d *p, const int8_t *x, int32_t row, int32_t column,
                     const int8_t *w, int32_t lanes, size_t vl, const int32_t *bias, int32_t *sums) {
    const size_t most = __riscv_vsetvlmax_e16m4();
    const size_t low = vl < most ? vl : most, high = vl - low;
    vint32m8_t s0 = __riscv_vle32_v_i32m8(bias, low);
    vint32m8_t s1 = __riscv_vle32_v_i32m8(bias + low, high);
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int8_t *at = x;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            TE_FORGET_AFTER(s1, w);
            TE_FORGET_AFTER(s0, at);
            const vint16m8_t product =
                __riscv_vwmul_vv_i16m8(__riscv_vle8_v_i8m4(at, vl), __riscv_vle8_v_i8m4(w, vl), vl);
            s0 = __riscv_vwadd_wv_i32m8(s0, __riscv_vget_v_i16m8_i16m4(product, 0), most);
            s1 = __riscv_vwadd_wv_i32m8(s1, __riscv_vget_v_i16m8_i16m4(product, 1), most);
            at += column;
            w += lanes;
        }
        x += row;
    }
    __riscv_vse32_v_i32m8(sums, s0, low);
    __riscv_vse32_v_i32m8(sums + low, s1, high);
}

TE_KERNEL te_depthwise_conv_2d_s8_fn te_depthwise_conv_2d_s8_rvv;

TE_KERNEL void te_depthwise_conv_2d_s8_rvv(const te_depthwise_conv_2d *p, const int8_t *in,
                                           const int8_t *weights, const int32_t *bias,
                                           const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const te_output output = {p->out_zero_point, p->out_min, p->out_max, p->max_shift};
    const int32_t span = (p->kernel_width - 1) * p->dilation_x + 1;
    const int32_t together =
        p->stride_x == 1 && p->out_channels < TE_RVV_BLOCK ? TE_RVV_BLOCK / p->out_channels : 1;
    const int32_t lanes = together * p->out_channels;
    /* Channels whose inputs fit, and pixels. All inputs of a stretch are read before its first output is
       written, on which the distance of tinyedge/ops/window.py relies: with several blocks of channels it is
       a single pixel. */
    const int32_t block = te_min(p->out_channels, TE_DEPTHWISE_S8_STRIP / (p->kernel_height * span));
    const int32_t columns = TE_DEPTHWISE_S8_STRIP / (p->kernel_height * block);
    const int32_t fits = block == p->out_channels ? (columns - span) / p->stride_x + 1 : 1;
    const int32_t stretch = te_min(fits > together ? fits / together * together : fits, p->out_width);
    const int32_t stretches = (p->out_width + stretch - 1) / stretch;
    int8_t strip[TE_DEPTHWISE_S8_STRIP];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            int8_t *const row = out + (batch * p->out_height + y) * p->out_width * p->out_channels;
            TE_ROLLED
            for (int32_t k = 0; k < stretches; k++) {
                const int32_t x = te_turn(k, stretches, p->reverse) * stretch;
                const int32_t pixels = te_min(p->out_width - x, stretch);
                const int32_t width = (pixels - 1) * p->stride_x + span;
                TE_ROLLED
                for (int32_t first = 0; first < p->out_channels; first += block) {
                    const int32_t channels = te_min(p->out_channels - first, block);
                    te_depthwise_s8_lay(p, image, y * p->stride_y - p->pad_top, x * p->stride_x - p->pad_left,
                                        width, first, channels, strip);
                    TE_ROLLED
                    for (int32_t i = 0; i < pixels; i += together) {
                        const int8_t *const from = strip + i * p->stride_x * channels;
                        int8_t *const to = row + (x + i) * p->out_channels + first;
                        const int32_t count = te_min(pixels - i, together) * channels;
                        int32_t vl;
                        TE_ROLLED
                        for (int32_t at = 0; at < count; at += vl) {
                            int32_t sums[TE_RVV_BLOCK];
                            vl = te_lanes(count - at);
                            te_depthwise_s8_sums(p, from + at, width * channels, p->dilation_x * channels,
                                                 weights + first + at, lanes, (size_t)vl, bias + first + at,
                                                 sums);
                            te_requantize_lanes(sums, multiplier + first + at, shift + first + at, vl, output,
                                                to + at);
                        }
                    }
                }
            }
        }
    }
}
