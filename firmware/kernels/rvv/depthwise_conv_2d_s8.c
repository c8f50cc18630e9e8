/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes are output channels, and where there are few, channels of several pixels: the inputs that these need
   for a tap lie side by side, too. The inputs of a stretch of pixels are copied to the stack first, with the
   padding filled in, and where pixels are made together, sorted into phases: in a row, columns that are a
   stride apart are neighbours.

   Weights, from tinyedge/plan/layout/rvv.py: [taps, pixels at once, channels]; bias, multipliers and shifts
   repeated alike. */
#include "kernels/rvv/depthwise_conv_2d.h"
#include "kernels/rvv/vector.h"

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

/* Where column `x` of a row is, sorted into `phases` of `breadth` columns. */
static inline int32_t te_depthwise_s8_place(int32_t x, int32_t phases, int32_t breadth) {
    return x % phases * breadth + x / phases;
}

/* Sorts a row of `columns` of `channels` bytes, at most TE_RVV_BLOCK: `from` has those of
   `first` to `last` - 1, others are `value`. */
static inline void te_depthwise_s8_sort(int8_t *to, const int8_t *from, int32_t first, int32_t last,
                                        int32_t columns, int32_t channels, int32_t phases, int32_t breadth,
                                        int32_t value) {
    const size_t vl = __riscv_vsetvl_e8m8((size_t)channels);
    TE_TAPS
    for (int32_t i = 0; i < te_min(phases, last - first); i++) {
        const int8_t *source = from + i * channels;
        int8_t *target = to + te_depthwise_s8_place(first + i, phases, breadth) * channels;
        TE_TAPS
        for (int32_t x = first + i; x < last; x += phases) {
            __riscv_vse8_v_i8m8(target, __riscv_vle8_v_i8m8(source, vl), vl);
            source += phases * channels;
            target += channels;
        }
    }
    TE_TAPS
    for (int32_t i = 0; i < columns - (last - first); i++) {
        const int32_t x = i < first ? i : i + last - first;
        __riscv_vse8_v_i8m8(to + te_depthwise_s8_place(x, phases, breadth) * channels,
                            __riscv_vmv_v_x_i8m8((int8_t)value, vl), vl);
    }
}

/* The inputs of `channels` output channels from `start` on, of `columns` columns of the window's rows. */
TE_KERNEL void te_depthwise_s8_lay(const te_depthwise_conv_2d *restrict p, const int8_t *in, int32_t top,
                                   int32_t left, int32_t columns, int32_t phases, int32_t start,
                                   int32_t channels, int8_t *strip) {
    const int32_t first = te_clamp(-left, 0, columns), last = te_clamp(p->in_width - left, first, columns);
    const int32_t breadth = (columns + phases - 1) / phases;
    const int sort = phases > 1 && p->multiplier == 1;
    TE_ROLLED
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        int32_t from = (row * p->in_width + left + first) * p->in_channels; /* in `in`, if `inside` */
        const int inside = row >= 0 && row < p->in_height;
        if (!inside || (!sort && last - first < columns))
            te_fill_s8(strip, p->in_zero_point, phases * breadth * channels);
        if (inside && sort) {
            te_depthwise_s8_sort(strip, in + from, first, last, columns, channels, phases, breadth,
                                 p->in_zero_point);
        } else if (inside && p->multiplier == 1 && channels == p->in_channels) {
            te_copy_s8(strip + first * channels, in + from, (last - first) * channels);
        } else if (inside) {
            TE_ROLLED
            for (int32_t x = first; x < last; x++, from += p->in_channels) {
                int8_t *const to = strip + te_depthwise_s8_place(x, phases, breadth) * channels;
                if (p->multiplier == 1)
                    te_copy_s8(to, in + (from + start), channels);
                else
                    te_depthwise_s8_spread(to, in + from, start, channels, p->multiplier);
            }
        }
        strip += phases * breadth * channels;
    }
}

/* Sums of `vl` lanes, begun with `bias`, of a strip whose rows are `phases` times `breadth` columns. Products
   of 16 bits are added to sums of 32 in two halves, as far as registers reach: lanes that are not there are
   computed, too, but not stored. */
static inline __attribute__((always_inline)) void
te_depthwise_s8_sums(const te_depthwise_conv_2d *p, const int8_t *x, int32_t phases, int32_t breadth,
                     int32_t channels, const int8_t *w, int32_t lanes, size_t vl, const int32_t *bias,
                     int32_t *sums) {
    /* From a tap to the next in its row: `over` phases on and some columns, and from the last phases back. */
    const int32_t over = p->dilation_x % phases;
    const int32_t step = (over * breadth + p->dilation_x / phases) * channels;
    const int32_t back = (phases * breadth - 1) * channels;
    const size_t most = __riscv_vsetvlmax_e16m4();
    const size_t low = vl < most ? vl : most, high = vl - low;
    vint32m8_t s0 = __riscv_vle32_v_i32m8(bias, low);
    vint32m8_t s1 = __riscv_vle32_v_i32m8(bias + low, high);
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int8_t *at = x;
        int32_t phase = 0;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            TE_FORGET_AFTER(s1, w);
            TE_FORGET_AFTER(s0, at);
            const vint16m8_t product =
                __riscv_vwmul_vv_i16m8(__riscv_vle8_v_i8m4(at, vl), __riscv_vle8_v_i8m4(w, vl), vl);
            s0 = __riscv_vwadd_wv_i32m8(s0, __riscv_vget_v_i16m8_i16m4(product, 0), most);
            s1 = __riscv_vwadd_wv_i32m8(s1, __riscv_vget_v_i16m8_i16m4(product, 1), most);
            at += step;
            if (over > 0 && (phase += over) >= phases) {
                phase -= phases;
                at -= back;
            }
            w += lanes;
        }
        x += phases * breadth * channels;
    }
    __riscv_vse32_v_i32m8(sums, s0, low);
    __riscv_vse32_v_i32m8(sums + low, s1, high);
}

TE_KERNEL te_depthwise_conv_2d_s8_fn te_depthwise_conv_2d_s8_rvv;

TE_KERNEL void te_depthwise_conv_2d_s8_rvv(const te_depthwise_conv_2d *restrict p, const int8_t *in,
                                           const int8_t *weights, const int32_t *bias,
                                           const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const te_output output = {p->out_zero_point, p->out_min, p->out_max, p->max_shift};
    const int32_t span = (p->kernel_width - 1) * p->dilation_x + 1;
    const int32_t sorted = p->kernel_height * (span + 2 * p->stride_x) * p->out_channels;
    const int32_t together =
        p->out_channels < TE_RVV_BLOCK && (p->stride_x == 1 || sorted <= TE_DEPTHWISE_CONV_2D_RVV_STRIP)
            ? TE_RVV_BLOCK / p->out_channels
            : 1;
    const int32_t phases = together > 1 ? p->stride_x : 1;
    const int32_t lanes = together * p->out_channels;
    /* Channels whose inputs fit, and pixels. All inputs of a stretch are read before its first output is
       written, on which the distance of tinyedge/ops/window.py relies: with several blocks of channels it is
       a single pixel. */
    const int32_t block = te_min(p->out_channels, TE_DEPTHWISE_CONV_2D_RVV_STRIP / (p->kernel_height * span));
    const int32_t columns = TE_DEPTHWISE_CONV_2D_RVV_STRIP / (p->kernel_height * block);
    const int32_t fits = block == p->out_channels ? (columns - span - (phases - 1)) / p->stride_x + 1 : 1;
    const int32_t stretch = te_min(fits > together ? fits / together * together : fits, p->out_width);
    const int32_t stretches = (p->out_width + stretch - 1) / stretch;
    int8_t strip[TE_DEPTHWISE_CONV_2D_RVV_STRIP];

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
                const int32_t breadth = (width + phases - 1) / phases;
                TE_ROLLED
                for (int32_t first = 0; first < p->out_channels; first += block) {
                    const int32_t channels = te_min(p->out_channels - first, block);
                    te_depthwise_s8_lay(p, image, y * p->stride_y - p->pad_top, x * p->stride_x - p->pad_left,
                                        width, phases, first, channels, strip);
                    TE_ROLLED
                    for (int32_t i = 0; i < pixels; i += together) {
                        const int8_t *const from = strip + i * (p->stride_x / phases) * channels;
                        int8_t *const to = row + (x + i) * p->out_channels + first;
                        const int32_t count = te_min(pixels - i, together) * channels;
                        int32_t vl;
                        TE_ROLLED
                        for (int32_t at = 0; at < count; at += vl) {
                            int32_t sums[TE_RVV_BLOCK];
                            vl = te_lanes(count - at);
                            te_depthwise_s8_sums(p, from + at, phases, breadth, channels,
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
