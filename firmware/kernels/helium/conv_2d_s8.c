/* SPDX-License-Identifier: Apache-2.0 */
/* Three pixels by two channels at a time: five vectors of 16 bytes loaded for six of products. More sums
   would not fit the registers that can hold one.

   Weights, from tinyedge/layout/helium.py: for every group and every two of its channels (the last one padded
   with zeros), 16 taps of the one, 16 taps of the other, the next 16 taps; the last 16 padded with zeros. */
#include "kernels/conv_2d.h"
#include "kernels/helium/vector.h"
#include "kernels/taps.h"

enum {
    TE_CONV_2D_S8_PIXELS = 3,
    TE_CONV_2D_S8_WINDOW = 592, /* stack bytes for a pixel's inputs: larger windows are taken in parts */
    TE_CONV_2D_S8_BLOCK = 64,   /* channels whose sums are on the stack */
};

/* Lays inputs from to `to` - 1 of the window whose first tap is at row `top`, column `left` of `in` side by
   side, and perhaps up to 15 bytes more. The input ends at `end`. */
TE_KERNEL void te_conv_2d_s8_lay(const te_conv_2d *p, const int8_t *in, const int8_t *end, int32_t top,
                                 int32_t left, int32_t from, int32_t to, int8_t *window) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t line = p->kernel_width * depth;
    const int32_t below = p->in_height - (p->kernel_height - 1) * p->dilation_y;
    const int32_t beside = p->in_width - (p->kernel_width - 1) * p->dilation_x;
    const int32_t pitch = p->in_width * p->in_channels;
    const int32_t step = p->dilation_y * pitch;
    const int8_t *row = in + top * pitch + left * p->in_channels;

    /* Nearly all windows are inside the input, their rows each one run of bytes. Copied as whole vectors,
       what is too much of a row is overwritten by the next. */
    if (p->dilation_x == 1 && p->groups == 1 && to - from == p->kernel_height * line && top >= 0 &&
        top < below && left >= 0 && left < beside &&
        (line % 16 == 0 || end - row >= (p->kernel_height - 1) * step + (line + 15) / 16 * 16)) {
        for (int32_t ky = 0; ky < p->kernel_height; ky++) {
            for (int32_t i = 0; i < line; i += 16) {
                TE_BARRIER(); /* lest this become a call of memcpy */
                vstrbq_s8(window + i, vldrbq_s8(row + i));
            }
            window += line;
            row += step;
        }
        return;
    }
    const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
    const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
    const int32_t run = p->dilation_x == 1 && p->groups == 1 ? columns.last - columns.first : 1;
    te_fill_s8(window, p->in_zero_point, to - from);
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        for (int32_t kx = columns.first; kx < columns.last; kx += run) {
            const int32_t start = ky * line + kx * depth;
            const int32_t first = te_max(start, from), last = te_min(start + run * depth, to);
            te_copy_s8(window + first - from,
                       row + ky * step + kx * p->dilation_x * p->in_channels + first - start, last - first);
        }
    }
}

/* Sums of two channels at three pixels over 16 * chunks taps, to `sums` from channel `c` on; added to what is
   there if `more`. Gives the end of these weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_tile(const int8_t *w, const int8_t *x0, const int8_t *x1, const int8_t *x2, int32_t chunks,
                   int more, int32_t (*sums)[TE_CONV_2D_S8_BLOCK], int32_t c) {
    TE_BARRIER();
    TE_FORGET(w);
    int8x16_t v = vldrbq_s8(x0), w0 = vldrbq_s8(w), w1 = vldrbq_s8(w + 16);
    int32_t s00 = vmladavq_s8(v, w0), s01 = vmladavq_s8(v, w1);
    v = vldrbq_s8(x1);
    int32_t s10 = vmladavq_s8(v, w0), s11 = vmladavq_s8(v, w1);
    v = vldrbq_s8(x2);
    int32_t s20 = vmladavq_s8(v, w0), s21 = vmladavq_s8(v, w1);
    for (int32_t i = 1; i < chunks; i++) {
        w += 32;
        w0 = vldrbq_s8(w);
        w1 = vldrbq_s8(w + 16);
        v = vldrbq_s8(x0 += 16);
        s00 = vmladavaq_s8(s00, v, w0);
        s01 = vmladavaq_s8(s01, v, w1);
        v = vldrbq_s8(x1 += 16);
        s10 = vmladavaq_s8(s10, v, w0);
        s11 = vmladavaq_s8(s11, v, w1);
        v = vldrbq_s8(x2 += 16);
        s20 = vmladavaq_s8(s20, v, w0);
        s21 = vmladavaq_s8(s21, v, w1);
    }
    sums[0][c] = s00 + (more ? sums[0][c] : 0);
    sums[0][c + 1] = s01 + (more ? sums[0][c + 1] : 0);
    sums[1][c] = s10 + (more ? sums[1][c] : 0);
    sums[1][c + 1] = s11 + (more ? sums[1][c + 1] : 0);
    sums[2][c] = s20 + (more ? sums[2][c] : 0);
    sums[2][c + 1] = s21 + (more ? sums[2][c + 1] : 0);
    return w + 32;
}

/* Outputs `first` to first + count - 1 of three pixels from their sums. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_finish(const te_conv_2d *p, int32_t (*sums)[TE_CONV_2D_S8_BLOCK], const int32_t *bias,
                     const int32_t *multiplier, const int8_t *shift, int32_t first, int32_t count,
                     int8_t *const *out) {
    const int32x4_t low = vdupq_n_s32(p->out_min), high = vdupq_n_s32(p->out_max);
    const int ties = p->out_min < p->out_zero_point;
    TE_ROLLED
    for (int32_t i = 0; i < count; i += 4) {
        const int32_t c = first + i;
        const mve_pred16_t lanes = vctp32q((uint32_t)(count - i));
        const te_scales by = te_load_scales(multiplier, shift, p->channel_step, c, 0, lanes);
        const int32x4_t base = vldrwq_z_s32(bias + c, lanes);
        for (int32_t j = 0; j < TE_CONV_2D_S8_PIXELS; j++) {
            int32x4_t v = vaddq_s32(vldrwq_s32(&sums[j][i]), base);
            v = vaddq_n_s32(te_requantize_x4(v, by, p->max_shift, ties), p->out_zero_point);
            vstrbq_p_s32(out[j] + c, vminq_s32(vmaxq_s32(v, low), high), lanes);
        }
    }
}

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_helium;

TE_KERNEL void te_conv_2d_s8_helium(const te_conv_2d *p, const int8_t *in, const int8_t *weights,
                                    const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                    int8_t *out) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t taps = p->kernel_height * p->kernel_width * depth;
    const int32_t chunks = (taps + 15) / 16;
    const int32_t group_size = p->out_channels / p->groups;
    const int32_t pixels = p->out_height * p->out_width;
    const int padded = p->pad_top > 0 || (p->out_height - 1) * p->stride_y >= p->in_height ||
                       p->pad_left > 0 || (p->out_width - 1) * p->stride_x >= p->in_width;
    /* Whether a pixel's inputs can be used where they are. All are read before the first output is written,
       on which the distance of tinyedge/ops/window.py relies. */
    const int direct = p->kernel_height == 1 && p->kernel_width == 1 && !padded && p->groups == 1 &&
                       (taps % 16 == 0 || taps <= TE_CONV_2D_S8_WINDOW) &&
                       p->out_channels <= TE_CONV_2D_S8_BLOCK;
    const int flat = direct && p->stride_y == 1 && p->stride_x == 1;
    const int32_t part = direct ? taps : te_min(taps, TE_CONV_2D_S8_WINDOW);
    const int early = p->groups == 1 && part == taps;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int32_t size = p->in_height * p->in_width * p->in_channels;
        const int8_t *const image = in + batch * size, *const end = image + size;
        for (int32_t pixel = 0; pixel < pixels; pixel += TE_CONV_2D_S8_PIXELS) {
            int8_t windows[TE_CONV_2D_S8_PIXELS][TE_CONV_2D_S8_WINDOW + 16];
            int32_t sums[TE_CONV_2D_S8_PIXELS][TE_CONV_2D_S8_BLOCK];
            int32_t tops[TE_CONV_2D_S8_PIXELS], lefts[TE_CONV_2D_S8_PIXELS];
            const int8_t *inputs[TE_CONV_2D_S8_PIXELS];
            int8_t *outputs[TE_CONV_2D_S8_PIXELS];
            const int8_t *w = weights;

            /* Where fewer pixels are left, the last one is made several times. */
            for (int32_t i = 0; i < TE_CONV_2D_S8_PIXELS; i++) {
                const int32_t which = te_turn(te_min(pixel + i, pixels - 1), pixels, p->reverse);
                outputs[i] = out + (batch * pixels + which) * p->out_channels;
                inputs[i] = flat ? image + which * p->in_channels : windows[i];
                tops[i] = which / p->out_width * p->stride_y - p->pad_top;
                lefts[i] = which % p->out_width * p->stride_x - p->pad_left;
            }
            TE_ROLLED
            for (int32_t i = 0; i < TE_CONV_2D_S8_PIXELS; i++) {
                const int8_t *source = inputs[i];
                if (direct && !flat)
                    source = image + (tops[i] * p->in_width + lefts[i]) * p->in_channels;
                if (direct) {
                    /* The last vector may reach into the next pixel, where weights are zero. */
                    const int fits = taps % 16 == 0 || end - source >= chunks * 16;
                    inputs[i] = fits ? source : windows[i];
                    if (!fits)
                        te_copy_s8(windows[i], source, taps);
                } else if (early) {
                    te_conv_2d_s8_lay(p, image, end, tops[i], lefts[i], 0, taps, windows[i]);
                }
            }
            for (int32_t group = 0; group < p->groups; group++) {
                for (int32_t first = 0; first < group_size; first += TE_CONV_2D_S8_BLOCK) {
                    const int32_t count = te_min(group_size - first, TE_CONV_2D_S8_BLOCK);
                    for (int32_t from = 0; from < taps; from += part) {
                        const int32_t to = te_min(from + part, taps);
                        const int32_t laid = (to - from + 15) / 16;
                        const int8_t *part_weights = w + from * 2;
                        if (!early && (first == 0 || part < taps)) {
                            TE_ROLLED
                            for (int32_t i = 0; i < TE_CONV_2D_S8_PIXELS; i++)
                                te_conv_2d_s8_lay(p, image + group * depth, end, tops[i], lefts[i], from, to,
                                                  windows[i]);
                        }
                        const int8_t *x0 = inputs[0], *x1 = inputs[1], *x2 = inputs[2];
                        TE_FORGET(x0);
                        TE_FORGET(x1);
                        TE_FORGET(x2);
                        TE_ROLLED
                        for (int32_t c = 0; c < count; c += 2)
                            part_weights =
                                te_conv_2d_s8_tile(part_weights, x0, x1, x2, laid, from > 0, sums, c) +
                                (chunks - laid) * 32;
                    }
                    te_conv_2d_s8_finish(p, sums, bias, multiplier, shift, group * group_size + first, count,
                                         outputs);
                    w += (count + count % 2) * chunks * 16;
                }
            }
        }
    }
}
