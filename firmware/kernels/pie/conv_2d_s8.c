/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: pixel by pixel, 16 products an instruction (dot.h). Inputs of a window come
   next to each other, padding filled in, or are read where they are if they lie so already: pointwise, with
   whole vectors, or few enough to be held in registers wherever they begin. */
#include "kernels/pie/conv_2d.h"
#include "kernels/pie/dot.h"

/* `count` bytes, and up to three more. */
TE_PIE_INLINE void te_conv_2d_s8_pie_copy(int8_t *to, const int8_t *from, int32_t count) {
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i += 4)
        te_pie_copy_word(to + i, from + i);
}

/* The inputs of the window whose upper left corner is at (top, left), in the order of the weights. */
TE_PIE_INLINE void te_conv_2d_s8_pie_gather(const te_conv_2d *p, const int8_t *image, int32_t top,
                                            int32_t left, int8_t *window) {
    const int32_t depth = p->in_channels, row_size = p->kernel_width * depth;
    const int32_t right = left + (p->kernel_width - 1) * p->dilation_x;
    const int inside = left >= 0 && right < p->in_width && p->dilation_x == 1;
    int8_t *to = window;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int32_t from = (row * p->in_width + left) * depth; /* in the image, if inside */
        if (row < 0 || row >= p->in_height) {
            memset(to, p->in_zero_point, (size_t)row_size);
        } else if (inside) {
            te_conv_2d_s8_pie_copy(to, image + from, row_size);
        } else {
            for (int32_t kx = 0; kx < p->kernel_width; kx++) {
                const int32_t column = left + kx * p->dilation_x;
                if (column < 0 || column >= p->in_width)
                    memset(to + kx * depth, p->in_zero_point, (size_t)depth);
                else
                    te_conv_2d_s8_pie_copy(to + kx * depth, image + from + kx * p->dilation_x * depth, depth);
            }
        }
        to += row_size;
    }
}

TE_KERNEL te_conv_2d_s8_pie_fn te_conv_2d_s8_pie;

TE_KERNEL void te_conv_2d_s8_pie(const te_conv_2d *restrict p, const te_conv_2d_pie *restrict laid,
                                 const int8_t *in, const int8_t *weights, const int32_t *words,
                                 const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t taps = p->kernel_height * p->kernel_width * p->in_channels;
    const int32_t vectors = (taps + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR;
    const te_pie_channels layer = {
        .weights = weights,
        .words = words,
        .count = p->out_channels,
        .scaling = {laid->left, 0, p->out_min < p->out_zero_point, p->out_zero_point, p->out_min, p->out_max},
    };
    /* Copies write up to three bytes more. */
    _Alignas(16) int8_t window[TE_CONV_2D_PIE_VECTORS * TE_PIE_VECTOR + TE_PIE_VECTOR];
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
                    te_conv_2d_s8_pie_gather(p, image, top, left, window);
                if (laid->direct && p->in_channels % TE_PIE_VECTOR != 0)
                    te_pie_hold_any(&s, from, vectors);
                else
                    te_pie_hold(&s, from, vectors);
                te_pie_outputs(&s, &layer, from, vectors, target + (y * p->out_width + x) * p->out_channels);
            }
        }
    }
}
