/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: pixel by pixel, 16 products an instruction (dot.h). Inputs of a window come
   next to each other, padding filled in, or are read where they are if they lie so already: pointwise, with
   whole vectors, or few enough to be held in registers wherever they begin. */
#include "kernels/pie/conv_2d.h"
#include "kernels/pie/dot.h"
#include "kernels/pie/span.h"

/* `count` bytes: vectors if they are `whole`, else words, and up to three bytes more: those after them come
   later. */
TE_PIE_INLINE void te_conv_2d_s8_pie_copy(te_pie *s, int8_t *to, const int8_t *from, int32_t count,
                                          int whole) {
    if (whole) {
        TE_UNROLLED_BY_4
        for (int32_t i = 0; i < count; i += TE_PIE_VECTOR) {
            TE_PIE_VLD(s, 7, from, 16);
            TE_PIE_VST(s, 7, to, 16);
        }
    } else {
        TE_UNROLLED_BY_4
        for (int32_t i = 0; i < count; i += 4)
            te_pie_copy_word(to + i, from + i);
    }
    (void)s;
}

TE_PIE_INLINE void te_conv_2d_s8_pie_fill(int8_t *to, uint32_t four, int32_t count) {
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i += 4)
        te_pie_put_word(to + i, four);
}

/* The inputs of the window whose upper left corner is at (top, left), in the order of the weights. */
TE_PIE_INLINE void te_conv_2d_s8_pie_gather(te_pie *s, const te_conv_2d *p, const int8_t *image, int32_t top,
                                            int32_t left, int8_t *window) {
    const int32_t depth = p->in_channels, width = p->kernel_width, apart = p->dilation_x * depth;
    const uint32_t outside = (uint8_t)p->in_zero_point * UINT32_C(0x01010101);
    const te_pie_span span = te_pie_inside(left, width, p->dilation_x, p->in_width);
    const int whole = depth % TE_PIE_VECTOR == 0;
    int8_t *to = window;
    TE_PIE_FENCE();
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int32_t from = (row * p->in_width + left) * depth; /* in the image, if inside */
        if (row < 0 || row >= p->in_height) {
            te_conv_2d_s8_pie_fill(to, outside, width * depth);
        } else if (p->dilation_x == 1 && span.first == 0 && span.last == width) {
            te_conv_2d_s8_pie_copy(s, to, image + from, width * depth, whole);
        } else {
            te_conv_2d_s8_pie_fill(to, outside, span.first * depth);
            if (p->dilation_x == 1)
                te_conv_2d_s8_pie_copy(s, to + span.first * depth, image + (from + span.first * depth),
                                       (span.last - span.first) * depth, whole);
            else
                for (int32_t kx = span.first; kx < span.last; kx++)
                    te_conv_2d_s8_pie_copy(s, to + kx * depth, image + (from + kx * apart), depth, whole);
            te_conv_2d_s8_pie_fill(to + span.last * depth, outside, (width - span.last) * depth);
        }
        to += width * depth;
    }
}

TE_KERNEL te_conv_2d_s8_pie_fn te_conv_2d_s8_pie;

TE_KERNEL void te_conv_2d_s8_pie(const te_conv_2d *restrict p, const te_conv_2d_pie *restrict laid,
                                 const int8_t *in, const int8_t *weights, const int32_t *words,
                                 const int32_t *multiplier, const int8_t *shift, int8_t *out,
                                 int8_t *window) {
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t taps = p->kernel_height * p->kernel_width * p->in_channels;
    const int32_t vectors = (taps + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR;
    const te_pie_channels layer = {
        .weights = weights,
        .words = words,
        .count = p->out_channels,
        .scaling = {laid->left, 0, p->out_min < p->out_zero_point, p->out_zero_point, p->out_min, p->out_max},
    };
    te_pie s = {0};
    (void)multiplier, (void)shift;

    if (!laid->direct)
        memset(window + taps / TE_PIE_VECTOR * TE_PIE_VECTOR, 0, TE_PIE_VECTOR);
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        int8_t *target = out + batch * pixels * p->out_channels;
        for (int32_t i = 0; i < p->out_height; i++) {
            const int32_t y = te_turn(i, p->out_height, p->reverse);
            for (int32_t j = 0; j < p->out_width; j++) {
                const int32_t x = te_turn(j, p->out_width, p->reverse);
                const int32_t top = y * p->stride_y - p->pad_top, left = x * p->stride_x - p->pad_left;
                const int8_t *from = window;
                if (laid->direct)
                    from = image + (top * p->in_width + left) * p->in_channels;
                else
                    te_conv_2d_s8_pie_gather(&s, p, image, top, left, window);
                if (laid->direct && p->in_channels % TE_PIE_VECTOR != 0)
                    te_pie_hold_any(&s, from, vectors);
                else
                    te_pie_hold(&s, from, vectors);
                te_pie_outputs(&s, &layer, from, vectors, target + (y * p->out_width + x) * p->out_channels);
            }
        }
    }
}
