/* SPDX-License-Identifier: Apache-2.0 */
/* For cores without vectors: where windows lie within the columns of the input, three pixels side by side share every
   weight, and addresses but one are constant; elsewhere a pixel at a time meets the taps that are inside.

   Weights, from tinyedge/plan/layout/scalar.py, are [channels, kernel_height, kernel_width]. Three pixels are read while
   the first is written. */
#include "kernels/scalar/depthwise_conv_2d.h"
#include "kernels/short.h"
#include "kernels/unrolled.h"

#define TE_SUMS te_depthwise_sums_s16
#define TE_ELEMENT int16_t
#include "kernels/scalar/depthwise_sums.h"

/* What a layer's outputs are made of, besides its input. */
typedef struct te_depthwise_conv_2d_s16_arrays {
    const int8_t *weights;
    const int32_t *bias, *multiplier;
    const int8_t *shift;
} te_depthwise_conv_2d_s16_arrays;

/* `pixels` outputs from `to` on, by `height` rows of `width` taps; the first of them are w, of every channel, and meet x. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s16_pixels(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_s16_arrays *arrays,
                                const int16_t *x, const int8_t *w, int32_t height, int32_t width,
                                int32_t pixels, int16_t *to) {
    const int32_t channels = p->out_channels;
    for (int32_t c = 0; c < channels; c++) {
        int32_t sums[TE_DEPTHWISE_CONV_2D_SCALAR_PIXELS];
        TE_UNROLLED
        for (int32_t i = 0; i < pixels; i++)
            sums[i] = arrays->bias[c];
        te_depthwise_sums_s16(x + c, p->dilation_y * p->in_width * channels, p->dilation_x * channels,
                              p->stride_x * channels, w, p->kernel_width, height, width, pixels, sums);
        TE_UNROLLED
        for (int32_t i = 0; i < pixels; i++) {
            const int32_t scaled = te_requantize_short(sums[i], arrays->multiplier[c], arrays->shift[c]);
            to[i * channels + c] = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
        }
        w += p->kernel_height * p->kernel_width;
    }
}

TE_KERNEL te_depthwise_conv_2d_s16_short_fn te_depthwise_conv_2d_s16_scalar;

TE_KERNEL void te_depthwise_conv_2d_s16_scalar(const te_depthwise_conv_2d *restrict p, const int16_t *in,
                                               const int8_t *weights, const int32_t *bias,
                                               const int32_t *multiplier, const int8_t *shift, int16_t *out) {
    enum { PIXELS = TE_DEPTHWISE_CONV_2D_SCALAR_PIXELS };
    const te_depthwise_conv_2d_s16_arrays arrays = {weights, bias, multiplier, shift};
    const int32_t channels = p->out_channels;
    /* Of a row: pixels that reach beyond its begin, threes, and pixels at its end. */
    const int32_t reach = (p->kernel_width - 1) * p->dilation_x + 1;
    const int32_t first = te_min((p->pad_left + p->stride_x - 1) / p->stride_x, p->out_width);
    const int32_t last = te_min((p->in_width + p->pad_left - reach) / p->stride_x + 1, p->out_width);
    const int32_t threes = p->in_width + p->pad_left < reach ? 0 : te_max(last - first, 0) / PIXELS;
    const int32_t groups = p->out_width - (PIXELS - 1) * threes;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *image = in + batch * p->in_height * p->in_width * channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
            const int16_t *line = image + (top + rows.first * p->dilation_y) * p->in_width * channels;
            const int8_t *by = weights + rows.first * p->kernel_width;
            int16_t *const to = out + (batch * p->out_height + y) * p->out_width * channels;
            for (int32_t k = 0; k < groups; k++) {
                const int32_t group = te_turn(k, groups, p->reverse);
                const int32_t x = group + (PIXELS - 1) * te_clamp(group - first, 0, threes);
                const int32_t left = x * p->stride_x - p->pad_left;
                if (group < first || group >= first + threes) {
                    const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
                    te_depthwise_conv_2d_s16_pixels(p, &arrays,
                                                    line + (left + columns.first * p->dilation_x) * channels,
                                                    by + columns.first, rows.last - rows.first,
                                                    columns.last - columns.first, 1, to + x * channels);
                } else if (rows.last - rows.first == p->kernel_height) {
                    te_depthwise_conv_2d_s16_pixels(p, &arrays, line + left * channels, by, p->kernel_height,
                                                    p->kernel_width, PIXELS, to + x * channels);
                } else {
                    te_depthwise_conv_2d_s16_pixels(p, &arrays, line + left * channels, by,
                                                    rows.last - rows.first, p->kernel_width, PIXELS,
                                                    to + x * channels);
                }
            }
        }
    }
}
