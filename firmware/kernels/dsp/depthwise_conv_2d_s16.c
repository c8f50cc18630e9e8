/* SPDX-License-Identifier: Apache-2.0 */
/* Four channels at a time, whose weights at a tap are the bytes of a word: 0, 2, 1 and 3, so that SXTB16 makes
   neighbours of neighbours. What remains goes one by one, its weights tap by tap.

   Multipliers, from tinyedge/plan/layout/dsp_short.py, are those of a product's upper half, to the nearest:
   there are no shifts. */
#include "kernels/dsp/depthwise_conv_2d.h"
#include "kernels/dsp/halves.h"
#include "kernels/taps.h"
#include "kernels/unrolled.h"

/* The inputs of four channels at one tap, of which the first is x and others lie `apart` from it. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s16_dsp_load(const te_depthwise_conv_2d *p, const int16_t *x, const int32_t *apart,
                                  int32_t *inputs) {
    if (p->multiplier == 1 || p->multiplier == 2) {
        const uint32_t first = te_halves_word(x), second = p->multiplier == 1 ? te_halves_word(x + 2) : 0;
        inputs[0] = te_halves_low(first);
        inputs[1] = p->multiplier == 1 ? te_halves_high(first) : te_halves_low(first);
        inputs[2] = p->multiplier == 1 ? te_halves_low(second) : te_halves_high(first);
        inputs[3] = te_halves_high(p->multiplier == 1 ? second : first);
    } else {
        TE_UNROLLED
        for (int32_t i = 0; i < 4; i++)
            inputs[i] = x[p->multiplier % 4 == 0 ? 0 : apart[i]];
    }
}

/* Adds the products of four channels at one tap. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s16_dsp_tap(const te_depthwise_conv_2d *p, const int16_t *x, const int32_t *apart,
                                 const int8_t *weights, int32_t *sums) {
    const uint32_t word = te_halves_word(weights), even = te_halves_even(word), odd = te_halves_odd(word);
    int32_t inputs[4];
    te_depthwise_conv_2d_s16_dsp_load(p, x, apart, inputs);
    sums[0] += inputs[0] * te_halves_low(even);
    sums[1] += inputs[1] * te_halves_high(even);
    sums[2] += inputs[2] * te_halves_low(odd);
    sums[3] += inputs[3] * te_halves_high(odd);
}

static inline __attribute__((always_inline)) int16_t
te_depthwise_conv_2d_s16_dsp_scale(const te_depthwise_conv_2d *p, int32_t sum, int32_t multiplier) {
    return te_halves_limit_s16(te_halves_product(sum, multiplier), p->out_min, p->out_max);
}

/* One output pixel, of whose window `height` rows and `width` columns are inside; weights and inputs from the
   first of these on. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s16_dsp_pixel(const te_depthwise_conv_2d *p, const int16_t *x, const int8_t *weights,
                                   int32_t skipped, int32_t height, int32_t width, const int32_t *bias,
                                   const int32_t *multiplier, int16_t *out) {
    enum { FOUR = TE_DEPTHWISE_CONV_2D_DSP_FOUR };
    const int32_t taps = p->kernel_height * p->kernel_width;
    const int32_t beside = p->dilation_x * p->in_channels,
                  below = p->dilation_y * p->in_width * p->in_channels;
    int32_t c = 0;
    TE_ROLLED
    for (; c + FOUR <= p->out_channels; c += FOUR) {
        int32_t sums[FOUR], apart[FOUR];
        TE_UNROLLED
        for (int32_t i = 0; i < FOUR; i++) {
            sums[i] = bias[c + i];
            apart[i] = (c + i) / p->multiplier - c / p->multiplier;
        }
        const int16_t *row = x + c / p->multiplier;
        const int8_t *line = weights + skipped * FOUR;
        for (int32_t ky = 0; ky < height; ky++, row += below, line += p->kernel_width * FOUR)
            for (int32_t kx = 0; kx < width; kx++)
                te_depthwise_conv_2d_s16_dsp_tap(p, row + kx * beside, apart, line + kx * FOUR, sums);
        TE_UNROLLED
        for (int32_t i = 0; i < FOUR; i++)
            out[c + i] = te_depthwise_conv_2d_s16_dsp_scale(p, sums[i], multiplier[c + i]);
        weights += taps * FOUR;
    }
    TE_ROLLED
    for (; c < p->out_channels; c++) {
        int32_t sum = bias[c];
        const int16_t *row = x + c / p->multiplier;
        const int8_t *line = weights + skipped;
        TE_ROLLED
        for (int32_t ky = 0; ky < height; ky++, row += below, line += p->kernel_width)
            for (int32_t kx = 0; kx < width; kx++)
                sum += row[kx * beside] * line[kx];
        weights += taps;
        out[c] = te_depthwise_conv_2d_s16_dsp_scale(p, sum, multiplier[c]);
    }
}

TE_KERNEL te_depthwise_conv_2d_s16_short_fn te_depthwise_conv_2d_s16_dsp;

TE_KERNEL void te_depthwise_conv_2d_s16_dsp(const te_depthwise_conv_2d *restrict p, const int16_t *in,
                                            const int8_t *weights, const int32_t *bias,
                                            const int32_t *multiplier, const int8_t *shift, int16_t *out) {
    const int32_t pitch = p->in_width * p->in_channels;
    (void)shift;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *const image = in + batch * p->in_height * pitch;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
            const int32_t height = rows.last - rows.first;
            TE_ROLLED
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
                const int32_t width = columns.last - columns.first;
                const int32_t place = (top + rows.first * p->dilation_y) * pitch +
                                      (left + columns.first * p->dilation_x) * p->in_channels;
                const int16_t *const first = te_halves_beside(image, place);
                int16_t *const to = out + ((batch * p->out_height + y) * p->out_width + x) * p->out_channels;
                if (height == p->kernel_height && width == p->kernel_width) /* a compiler may know both */
                    te_depthwise_conv_2d_s16_dsp_pixel(p, first, weights, 0, p->kernel_height,
                                                       p->kernel_width, bias, multiplier, to);
                else
                    te_depthwise_conv_2d_s16_dsp_pixel(p, first, weights,
                                                       rows.first * p->kernel_width + columns.first, height,
                                                       width, bias, multiplier, to);
            }
        }
    }
}
