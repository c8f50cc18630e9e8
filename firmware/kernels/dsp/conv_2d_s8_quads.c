/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: two output pixels by four channels, two products an instruction.

   The inputs of two pixels are widened to 16 bits, by SXTB16 and so taps 0, 2, 1, 3 of every four. Outputs may
   be any byte. Weights, bias and constants are one stream, words from tinyedge/plan/layout/dsp_quads.py: for
   every group, for every four of its channels

   - what their sums begin with: the first channel's bias, so much more for the second, 256 times its bias or what
     is instead, and so of the other two;
   - for every two taps, in the order of the inputs, two words: the halves of one are, for either tap, 256 times
     the second channel's weight plus the first's; then of the other two. Taps are filled up with zeros to four;
     or, if `line`, those of all lines of the window that make fours come first, then what remains of all, filled
     up to two;
   - for the first two channels, then for the others: two multipliers, and what is added to the upper halves of
     both products. TE_CONV_2D_DSP_RIGHT is the shift, for second channels 8 more (tinyedge/arithmetic/line.py,
     fine_line.py);
   - if `high`, instead: two multipliers, and what is added to the upper halves of either product, as of
     te_requantize_high, but for the second channel 64 times that; behind both, four bytes of shifts to the
     right, for second channels 6 more.

   The sum of products with all of a half, less those with the first channel's weight, is 256 times the second
   channel's sum, whatever overflows on the way. */
#include "kernels/dsp/gather.h"
#include "kernels/dsp/quad.h"

/* A line of a window: its fours at `wide`, what remains behind them at `rest`. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_quads_widen(int16_t *wide, int16_t *rest,
                                                                            const int8_t *x, int32_t count) {
    void *to = wide;
    for (; count >= 2 * TE_CONV_2D_DSP_FOUR; count -= 2 * TE_CONV_2D_DSP_FOUR)
        te_conv_2d_s8_dsp_widen_two(&to, &x);
    if (count >= TE_CONV_2D_DSP_FOUR) {
        const uint32_t word = te_conv_2d_s8_dsp_word(x);
        te_conv_2d_s8_dsp_keep(&to, (uint32_t)te_conv_2d_s8_dsp_even(word),
                               (uint32_t)te_conv_2d_s8_dsp_odd(word));
        x += TE_CONV_2D_DSP_FOUR;
        count -= TE_CONV_2D_DSP_FOUR;
    }
    for (int32_t i = 0; i < count; i++)
        rest[i] = x[i];
}
/* The inputs of a window, line by line. Where one reaches beyond the input, its bytes are collected first. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_quads_lay(const te_conv_2d *p, const int8_t *image, int32_t pixel, int16_t *wide) {
    const int32_t depth = p->in_channels, line = p->kernel_width * depth;
    const int32_t remain = line % TE_CONV_2D_DSP_FOUR, whole = line - remain;
    const int32_t top = pixel / p->out_width * p->stride_y - p->pad_top;
    const int32_t left = pixel % p->out_width * p->stride_x - p->pad_left;
    const int32_t tops = p->in_height - (p->kernel_height - 1) * p->dilation_y;
    const int32_t lefts = p->in_width - (p->kernel_width - 1);
    const int32_t next = p->dilation_y * p->in_width * depth;
    int16_t *rest = wide + p->kernel_height * whole;
    if (top >= 0 && top < tops && left >= 0 && left < lefts) {
        const int8_t *x = image + (top * p->in_width + left) * depth;
        for (int32_t ky = 0; ky < p->kernel_height; ky++) {
            te_conv_2d_s8_quads_widen(wide, rest, x, line);
            wide += whole;
            rest += remain;
            /* The last is followed by none. */
            x = te_beside_s8(x, next);
        }
        return;
    }
    const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
    const te_taps columns = te_taps_inside(left, 1, p->kernel_width, p->in_width);
    const int32_t inside = columns.last - columns.first;
    int8_t bytes[TE_CONV_2D_DSP_LINE];
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        /* From the image, which a pointer must not leave. */
        const int32_t row = ((top + ky * p->dilation_y) * p->in_width + left) * depth;
        const int8_t *x = bytes;
        if (ky >= rows.first && ky < rows.last && inside == p->kernel_width) {
            x = image + row;
        } else {
            memset(bytes, p->in_zero_point, (size_t)line);
            if (ky >= rows.first && ky < rows.last)
                te_conv_2d_s8_dsp_copy(bytes + columns.first * depth, image + (row + columns.first * depth),
                                       inside * depth);
        }
        te_conv_2d_s8_quads_widen(wide, rest, x, line);
        wide += whole;
        rest += remain;
    }
}

/* Where a window is a pixel of the input: pairs of them, widened by what sums them. An odd last pixel is made
   twice. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_quads_points(const te_conv_2d *p, te_conv_2d_s8_dsp_quad *quad, const int8_t *image,
                           const int8_t *weights, int8_t *out) {
    const int32_t pixels = p->out_height * p->out_width, sign = p->reverse ? -1 : 1;
    quad->depth = p->in_channels;
    quad->next = (2 * sign - 1) * p->out_channels;
    TE_ROLLED
    for (int32_t pixel = 0; pixel < pixels; pixel += te_max(pixels / 2 * 2, 1)) {
        const int32_t first = te_turn(pixel, pixels, p->reverse), lone = pixel == pixels - 1;
        quad->from = image + first * p->in_channels;
        quad->beside = lone ? 0 : sign * p->in_channels;
        quad->to[0] = out + first * p->out_channels;
        quad->to[1] = quad->to[0] + (lone ? 0 : sign * p->out_channels);
        quad->pairs = lone ? 1 : pixels / 2;
        te_conv_2d_s8_dsp_quads(quad, weights);
    }
}

/* Both pixels' windows with code of their own, where it may be large. */
#ifdef __OPTIMIZE_SIZE__
#define TE_CONV_2D_QUADS_LAID TE_ROLLED
#else
#define TE_CONV_2D_QUADS_LAID TE_UNROLLED
#endif

/* Any windows, which are laid down pixel by pixel. An odd last pixel is made twice. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_quads_windows(const te_conv_2d *p, const te_conv_2d_dsp *laid, te_conv_2d_s8_dsp_quad *quad,
                            const int8_t *image, const int8_t *weights, int32_t size, int8_t *out) {
    enum { PIXELS = TE_CONV_2D_DSP_PIXELS };
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    int16_t *const x = quad->x;
    quad->depth = 0;
    quad->pairs = 1;
    for (int32_t pixel = 0; pixel < pixels; pixel += PIXELS) {
        int32_t which[PIXELS];
        TE_UNROLLED
        for (int32_t i = 0; i < PIXELS; i++) {
            which[i] = te_turn(te_min(pixel + i, pixels - 1), pixels, p->reverse);
            quad->to[i] = out + which[i] * p->out_channels;
        }
        const int8_t *w = weights;
        for (int32_t group = 0; group < p->groups; group++) {
            TE_CONV_2D_QUADS_LAID
            for (int32_t i = 0; i < PIXELS; i++) {
                int16_t *const wide = x + i * TE_CONV_2D_DSP_LONG;
                if (laid->line)
                    te_conv_2d_s8_quads_lay(p, image, which[i], wide);
                else
                    te_conv_2d_s8_dsp_gather(p, image, which[i], group, 0, taps, wide);
            }
            quad->last = w + size;
            w = te_conv_2d_s8_dsp_quads(quad, w);
        }
    }
}

TE_KERNEL te_conv_2d_s8_dsp_fn te_conv_2d_s8_quads_dsp;

TE_KERNEL void te_conv_2d_s8_quads_dsp(const te_conv_2d *restrict p, const te_conv_2d_dsp *restrict laid,
                                       const int8_t *in, const int8_t *weights, const int32_t *bias,
                                       const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    (void)bias, (void)multiplier, (void)shift;
    enum { FOUR = TE_CONV_2D_DSP_FOUR, TURN = TE_CONV_2D_QUAD_TURN };
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t twos = laid->line ? te_max((taps + 1) / 2, 2) : (taps + FOUR - 1) / FOUR * 2;
    const int32_t quads = p->out_channels / p->groups / TE_CONV_2D_DSP_QUAD;
    const int32_t size =
        quads * 4 *
        (twos * TE_CONV_2D_QUAD_WORDS + TE_CONV_2D_QUAD_CONSTANTS + (laid->high ? TE_CONV_2D_QUAD_HIGH : 0));

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        int8_t *const target = out + batch * pixels * p->out_channels;
        te_conv_2d_s8_dsp_quad quad;
        quad.x = quad.wide[0] + TE_CONV_2D_DSP_LONG - twos * 2;
        quad.skip = (uint32_t)(TURN - 1 - (twos - 2) % TURN) * TE_CONV_2D_QUAD_CODE + 1;
        quad.flags = laid->high        ? TE_CONV_2D_QUAD_CARRY | TE_CONV_2D_QUAD_OVERFLOW
                     : twos - 1 > TURN ? TE_CONV_2D_QUAD_CARRY
                                       : 0;
        if (te_conv_2d_s8_dsp_points(p)) {
            quad.last = weights + size;
            te_conv_2d_s8_quads_points(p, &quad, image, weights, target);
        } else {
            te_conv_2d_s8_quads_windows(p, laid, &quad, image, weights, size, target);
        }
    }
}
