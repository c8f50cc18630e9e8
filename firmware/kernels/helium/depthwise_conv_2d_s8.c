/* SPDX-License-Identifier: Apache-2.0 */
/* Eight lanes at a time: the channels of a pixel or, where these are few, of several pixels side by side.
   Helium has no product of two vectors with a sum for each lane, so products of 16 bits become two vectors of
   32 bits, of the even lanes and of the odd ones, that are added to the sums.

   The inputs of a stretch of pixels of a row are laid into a strip on the stack, `part` channels after
   `part`, before the first of their outputs is written: for each row of the window and each residue of
   columns modulo the stride, its columns side by side, so that pixel after pixel finds a tap in column after
   column.

   Weights, from tinyedge/plan/layout/helium_depthwise.py: for every part and every eight lanes of its unit,
   eight weights of each tap, column by column. A unit is `unit` pixels. Biases, multipliers and shifts: for
   the same eight lanes, those of the even ones and those of the odd. */
#include "kernels/helium/depthwise_conv_2d.h"
#include "kernels/helium/vector.h"
#include "kernels/unrolled.h"

enum { TE_DEPTHWISE_CONV_2D_HELIUM_UNITS = 2 /* at a time, to share the loads of weights */ };

/* Where inputs are in the strip: bytes from a residue of columns to the next, from a row to the next, and of
   a part. */
typedef struct te_depthwise_s8_strip {
    int32_t residue, row, size;
} te_depthwise_s8_strip;

/* Inputs for `count` outputs, from those of which `sources` says. */
static inline void te_depthwise_s8_spread(const int8_t *from, const uint8_t *sources, int32_t count,
                                          int8_t *to) {
    for (int32_t c = 0; c < count; c += 16) {
        const mve_pred16_t inside = vctp8q((uint32_t)(count - c));
        TE_KEEP_STORED();
        vstrbq_p_s8(to + c, vldrbq_gather_offset_s8(from, vldrbq_z_u8(sources + c, inside)), inside);
    }
}

/* Lays columns `left` to left + columns - 1 of `rows` rows, from row `ky` of those from `top` on, of
 * `channels` outputs from `first` on.
 */
static inline __attribute__((always_inline)) void
te_depthwise_s8_lay(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_helium *laid,
                    te_depthwise_s8_strip s, const int8_t *in, int32_t first, int32_t channels, int32_t ky,
                    int32_t rows, int32_t top, int32_t left, int32_t columns, const uint8_t *sources,
                    int8_t *strip) {
    const int32_t pitch = p->in_width * p->in_channels;
    /* Whether a row is laid in one go. */
    const int run = __builtin_constant_p(laid->part) && laid->part % 16 != 0 && p->stride_x == 1 &&
                    p->multiplier == 1 && laid->part == p->in_channels;
    const int32_t before = te_clamp(-left, 0, columns);
    const int32_t end = te_clamp(p->in_width - left, before, columns);
    TE_ROLLED
    for (; rows > 0; rows--) {
        const int32_t y = top + ky * p->dilation_y;
        const int inside = y >= 0 && y < p->in_height;
        const int8_t *const row = te_beside_s8(in, y * pitch + left * p->in_channels);
        int8_t *const line = strip + ky++ * s.row;
        if (run) {
            const int32_t from = inside ? before : columns, to = inside ? end : columns;
            te_fill_s8(line, p->in_zero_point, from * channels);
            te_copy_s8(line + from * channels, te_beside_s8(row, from * channels), (to - from) * channels);
            te_fill_s8(line + to * channels, p->in_zero_point, (columns - to) * channels);
            continue;
        }
        for (int32_t residue = 0; residue < p->stride_x; residue++) {
            const int8_t *from = te_beside_s8(row, residue * p->in_channels);
            int8_t *to = line + residue * s.residue;
            int32_t x = residue;
            TE_ROLLED
            for (; x < (inside ? before : columns); x += p->stride_x) {
                te_fill_s8(to, p->in_zero_point, channels);
                from = te_beside_s8(from, p->stride_x * p->in_channels);
                to += laid->part;
            }
            TE_TWICE
            for (; x < (inside ? end : columns); x += p->stride_x) {
                if (p->multiplier == 1)
                    te_copy_s8(to, from + first, channels);
                else
                    te_depthwise_s8_spread(from + first / p->multiplier, sources, channels, to);
                from = te_beside_s8(from, p->stride_x * p->in_channels);
                to += laid->part;
            }
            TE_ROLLED
            for (; x < columns; x += p->stride_x) {
                te_fill_s8(to, p->in_zero_point, channels);
                to += laid->part;
            }
        }
    }
}

/* The sums of eight lanes. */
typedef struct te_depthwise_s8_sums {
    int32x4_t even, odd;
} te_depthwise_s8_sums;

/* Adds a tap, before any later load: a compiler else adds products first, and has too few registers. */
static inline __attribute__((always_inline)) void te_depthwise_s8_add(te_depthwise_s8_sums *t, int16x8_t v,
                                                                      int16x8_t w) {
    t->even = vaddq_s32(t->even, vmullbq_int_s16(v, w));
    t->odd = vaddq_s32(t->odd, vmulltq_int_s16(v, w));
    __asm__ volatile("" : "+w"(t->even), "+w"(t->odd)::"memory");
}

/* Adds all taps of `units` units, `step` lanes apart. */
static inline __attribute__((always_inline)) void
te_depthwise_s8_taps(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_helium *laid,
                     te_depthwise_s8_strip s, const int8_t *x, int32_t step, const int8_t *weights,
                     int32_t units, te_depthwise_s8_sums *sums) {
    const int32_t height = p->kernel_height, stride = p->stride_x, part = laid->part;
    int32_t at = 0, residue = 0; /* of the column: in bytes, and modulo the stride */
    for (int32_t kx = p->kernel_width; kx > 0; kx--) {
        const int8_t *tap = x + at;
        for (int32_t ky = height; ky > 0; ky--) {
            const int16x8_t w = vldrbq_s16(weights);
            TE_UNROLLED
            for (int32_t j = 0; j < units; j++)
                te_depthwise_s8_add(&sums[j], vldrbq_s16(tap + j * step), w);
            weights += TE_DEPTHWISE_CONV_2D_HELIUM_LANES;
            tap += s.row;
        }
        for (int32_t on = p->dilation_x; on > 0; on--) {
            at += s.residue;
            if (++residue == stride) {
                residue = 0;
                at += part - s.row;
            }
        }
    }
}

/* The same for two units that are neighbours: a column of the one is the column before of the other. */
static inline __attribute__((always_inline)) void
te_depthwise_s8_slide(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_helium *laid,
                      te_depthwise_s8_strip s, const int8_t *x, const int8_t *weights,
                      te_depthwise_s8_sums *sums) {
    const int32_t height = p->kernel_height, part = laid->part,
                  next = height * TE_DEPTHWISE_CONV_2D_HELIUM_LANES;
    for (int32_t ky = height; ky > 0; ky--) {
        const int8_t *column = x, *tap = weights;
        int16x8_t w = vldrbq_s16(tap);
        te_depthwise_s8_add(&sums[0], vldrbq_s16(column), w);
        for (int32_t kx = p->kernel_width - 1; kx > 0; kx--) {
            column += part;
            tap += next;
            const int16x8_t v = vldrbq_s16(column);
            te_depthwise_s8_add(&sums[1], v, w);
            w = vldrbq_s16(tap);
            te_depthwise_s8_add(&sums[0], v, w);
        }
        te_depthwise_s8_add(&sums[1], vldrbq_s16(column + part), w);
        weights += TE_DEPTHWISE_CONV_2D_HELIUM_LANES;
        x += s.row;
    }
}

/* The outputs of `units` units, `step` lanes of `x` and `pitch` of `out` apart, each of `lanes` lanes, of the
   last only `most`. */
static inline __attribute__((always_inline)) void
te_depthwise_s8_units(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_helium *laid,
                      te_depthwise_s8_strip s, const int8_t *x, int32_t step, const int8_t *weights,
                      const int32_t *bias, const int32_t *multiplier, const int8_t *shift, int32_t units,
                      int32_t lanes, int32_t most, int32_t pitch, int8_t *out) {
    const int16x8_t low = vdupq_n_s16(p->out_min), high = vdupq_n_s16(p->out_max);
    const int ties = p->out_min < p->out_zero_point;
    const int32_t zero_point = p->out_zero_point;
    TE_ROLLED
    for (int32_t lane = 0; lane < lanes; lane += TE_DEPTHWISE_CONV_2D_HELIUM_LANES) {
        te_depthwise_s8_sums sums[TE_DEPTHWISE_CONV_2D_HELIUM_UNITS];
        TE_UNROLLED
        for (int32_t j = 0; j < units; j++) {
            sums[j].even = vldrwq_s32(bias + lane);
            sums[j].odd = vldrwq_s32(bias + lane + 4);
        }
        if (units == 2 && laid->unit == 1 && p->stride_x == 1 && p->dilation_x == 1)
            te_depthwise_s8_slide(p, laid, s, x, weights, sums);
        else
            te_depthwise_s8_taps(p, laid, s, x, step, weights, units, sums);
        weights += p->kernel_height * p->kernel_width * TE_DEPTHWISE_CONV_2D_HELIUM_LANES;
        const mve_pred16_t all = vctp32q(4);
        const te_scales evens = te_load_scales(multiplier, shift, 1, lane, laid->packed, 1, all);
        const te_scales odds = te_load_scales(multiplier, shift, 1, lane + 4, laid->packed, 1, all);
        TE_UNROLLED
        for (int32_t j = 0; j < units; j++) {
            const int32_t left = (j == units - 1 ? most : lanes) - lane;
            const int32x4_t even = te_requantize_x4(sums[j].even, evens, p->max_shift, ties);
            const int32x4_t odd = te_requantize_x4(sums[j].odd, odds, p->max_shift, ties);
            int16x8_t v = vqmovntq_s32(vqmovnbq_s32(vreinterpretq_s16_s32(even), even), odd);
            v = vqaddq_n_s16(v, (int16_t)zero_point);
            v = vminq_s16(vmaxq_s16(v, low), high);
            if (left > 0)
                vstrbq_p_s16(out + j * pitch + lane, v, vctp16q((uint32_t)left));
        }
        x += TE_DEPTHWISE_CONV_2D_HELIUM_LANES;
    }
}

TE_KERNEL te_depthwise_conv_2d_s8_helium_fn te_depthwise_conv_2d_s8_helium;

TE_KERNEL void te_depthwise_conv_2d_s8_helium(const te_depthwise_conv_2d *restrict p,
                                              const te_depthwise_conv_2d_helium *restrict laid,
                                              const int8_t *in, const int8_t *weights, const int32_t *bias,
                                              const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const int late = laid->stretch == 0;
    const int32_t stretch = late ? 1 : laid->stretch;
    const int32_t reach = (p->kernel_width - 1) * p->dilation_x;
    const int32_t across = (stretch + laid->unit - 1) / laid->unit * laid->unit; /* pixels, in whole units */
    te_depthwise_s8_strip s;
    s.residue = (across + reach / p->stride_x) * laid->part;
    s.row = s.residue * p->stride_x;
    s.size = s.row * p->kernel_height;
    const int32_t taps = p->kernel_height * p->kernel_width;
    const int32_t stretches = (p->out_width + stretch - 1) / stretch;
    /* Channels of which all inputs are laid before any output is written. */
    const int32_t group = late ? laid->part : p->out_channels;
    /* Rows of a window stay for the next line's, as long as there is room to move on. */
    const int keep = stretches == 1 && laid->part == p->out_channels && p->dilation_y == 1 &&
                     p->stride_y < p->kernel_height;
    const int32_t room = keep ? TE_DEPTHWISE_CONV_2D_HELIUM_STRIP / s.row - p->kernel_height : 0;
    int8_t strip[TE_DEPTHWISE_CONV_2D_HELIUM_STRIP + 16];
    uint8_t sources[TE_DEPTHWISE_CONV_2D_HELIUM_SOURCES]; /* input channels of a part, where they have several
                                                             outputs */

    for (int32_t c = 0; p->multiplier > 1 && c < laid->part; c++)
        sources[c] = (uint8_t)(c / p->multiplier);

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        int32_t moved = room;
        for (int32_t line = 0; line < p->out_height; line++) {
            const int32_t y = te_turn(line, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            TE_ROLLED
            for (int32_t i = 0; i < stretches; i++) {
                const int32_t begin = te_turn(i, stretches, p->reverse) * stretch;
                const int32_t pixels = te_min(p->out_width - begin, stretch);
                const int32_t columns = (pixels - 1) * p->stride_x + reach + 1;
                int8_t *const to =
                    out + ((batch * p->out_height + y) * p->out_width + begin) * p->out_channels;
                const int more = moved + p->stride_y <= room;
                const int32_t rows = more ? p->stride_y : p->kernel_height;
                const int32_t ky = p->reverse ? 0 : p->kernel_height - rows;
                moved = more ? moved + p->stride_y : 0;
                int8_t *const window = strip + (p->reverse ? room - moved : moved) * s.row;
                const int8_t *w = weights;
                int32_t constants = 0; /* biases and so on of the parts before */
                for (int32_t begun = 0; begun < p->out_channels; begun += group) {
                    const int32_t end = te_min(begun + group, p->out_channels);
                    int8_t *part = window;
                    for (int32_t first = begun; first < end; first += laid->part) {
                        te_depthwise_s8_lay(p, laid, s, image, first, te_min(laid->part, end - first), ky,
                                            rows, top, begin * p->stride_x - p->pad_left, columns, sources,
                                            part);
                        part += s.size;
                    }
                    part = window;
                    for (int32_t first = begun; first < end; first += laid->part) {
                        const int32_t channels = te_min(laid->part, end - first);
                        const int32_t lanes = channels * laid->unit;
                        const int32_t whole = (lanes + 7) / 8 * 8;
                        int32_t units = 0;
                        TE_ROLLED
                        for (int32_t done = 0; done < pixels; done += units * laid->unit) {
                            const int8_t *const x = part + done * laid->part;
                            int8_t *const at = to + done * p->out_channels + first;
                            const int32_t left = pixels - done;
                            units = left > laid->unit ? TE_DEPTHWISE_CONV_2D_HELIUM_UNITS : 1;
                            if (units > 1)
                                te_depthwise_s8_units(p, laid, s, x, laid->unit * laid->part, w,
                                                      bias + constants, multiplier + constants,
                                                      shift + constants, TE_DEPTHWISE_CONV_2D_HELIUM_UNITS,
                                                      lanes, te_min(left - laid->unit, laid->unit) * channels,
                                                      laid->unit * p->out_channels, at);
                            else
                                te_depthwise_s8_units(p, laid, s, x, 0, w, bias + constants,
                                                      multiplier + constants, shift + constants, 1, lanes,
                                                      te_min(left, laid->unit) * channels, 0, at);
                        }
                        w += whole * taps;
                        constants += whole;
                        part += s.size;
                    }
                }
            }
        }
    }
}
