/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: pixel by pixel, 16 products of bytes an instruction (planes.h). Inputs of a
   window are where conv_2d_s8.c has them. */
#include "kernels/pie/conv_2d.h"
#include "kernels/pie/gather.h"
#include "kernels/pie/planes.h"

/* All outputs of a pixel, whose planes are held, or in `window`. */
TE_PIE_INLINE void te_conv_2d_s16_pie_outputs(te_pie *s, const te_conv_2d *p, int32_t shift,
                                              const int8_t *weights, const int32_t *word,
                                              const int8_t *window, int32_t blocks, int16_t *out) {
    const int8_t *w = weights + TE_PIE_VECTOR;
    TE_PIE_VLD(s, 7, w, 16);
    for (int32_t c = 0; c < p->out_channels; c++) {
        const int32_t right = shift != 0 ? shift : word[1], multiplier = word[2];
        const int32_t added = shift != 0 ? INT32_C(1) << shift >> 1 : word[3];
        const int32_t sum = te_pie_sum(s, &word, &w, window, blocks);
        out[c] = te_pie_scaled_s16(sum, multiplier, added, right, p->out_min, p->out_max);
    }
}

TE_KERNEL te_conv_2d_s16_pie_fn te_conv_2d_s16_pie;

TE_KERNEL void te_conv_2d_s16_pie(const te_conv_2d *restrict p, const te_conv_2d_pie *restrict laid,
                                  const int16_t *in, const int8_t *weights, const int32_t *words,
                                  const int32_t *multiplier, const int8_t *shift, int16_t *out,
                                  int8_t *window) {
    const int32_t pixels = p->out_height * p->out_width, depth = 2 * p->in_channels;
    const int32_t taps = p->kernel_height * p->kernel_width * p->in_channels;
    const int32_t blocks = (taps + TE_PIE_BLOCK - 1) / TE_PIE_BLOCK;
    te_pie s = {0};
    (void)multiplier, (void)shift;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = (const int8_t *)(in + batch * p->in_height * p->in_width * p->in_channels);
        int16_t *target = out + batch * pixels * p->out_channels;
        for (int32_t i = 0; i < p->out_height; i++) {
            const int32_t y = te_turn(i, p->out_height, p->reverse);
            for (int32_t j = 0; j < p->out_width; j++) {
                const int32_t x = te_turn(j, p->out_width, p->reverse);
                const int32_t top = y * p->stride_y - p->pad_top, left = x * p->stride_x - p->pad_left;
                const int8_t *from = window, *mask = weights;
                if (laid->direct)
                    from = image + (top * p->in_width + left) * depth;
                else
                    te_pie_gather(&s, p, depth, 0, image, top, left, window);
                TE_PIE_VLD(&s, 7, mask, 0); /* behind what gathers, which uses Q7 */
                if (laid->direct && depth % TE_PIE_VECTOR != 0) {
                    te_pie_hold_any(&s, from, (depth + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR);
                    te_pie_hold_planes(&s, blocks);
                } else {
                    te_pie_take_planes(&s, from, taps, blocks, window);
                }
                (void)mask;
                te_conv_2d_s16_pie_outputs(&s, p, laid->shift, weights, words, window, blocks,
                                           target + (y * p->out_width + x) * p->out_channels);
            }
        }
    }
}
