/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: pixel by pixel, 16 products an instruction (dot.h). Inputs of a window come
   next to each other, padding filled in, or are read where they are if they lie so already: pointwise, with
   whole vectors, or few enough to be held in registers wherever they begin. */
#include "kernels/pie/conv_2d.h"
#include "kernels/pie/dot.h"
#include "kernels/pie/gather.h"

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
    const uint32_t outside = (uint8_t)p->in_zero_point * UINT32_C(0x01010101);
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
                    te_pie_gather(&s, p, p->in_channels, outside, image, top, left, window);
                if (laid->direct && p->in_channels % TE_PIE_VECTOR != 0)
                    te_pie_hold_any(&s, from, vectors);
                else
                    te_pie_hold(&s, from, vectors);
                te_pie_outputs(&s, &layer, from, vectors, target + (y * p->out_width + x) * p->out_channels);
            }
        }
    }
}
