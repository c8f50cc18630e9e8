/* SPDX-License-Identifier: Apache-2.0 */
/* A convolution, pixel by pixel and group by group: TE_ELEMENT is the type of its activations, TE_CONV(end) is
   te_conv_2d_s8, te_conv_2d_s16 or te_conv_2d_s16_narrow and `end`, TE_OUTPUTS makes the outputs of a group's pixel.
   Included once for each.

   Inputs of a window come next to each other, padding filled in, or are read where they are if they lie so already:
   pointwise, with whole vectors, or few enough to be held in registers wherever they begin. */
#include "kernels/pie/conv_2d.h"
#include "kernels/pie/gather.h"

TE_KERNEL TE_CONV(_pie_fn) TE_CONV(_pie);

TE_KERNEL void TE_CONV(_pie)(const te_conv_2d *restrict p, const te_conv_2d_pie *restrict laid,
                             const TE_ELEMENT *in, const int8_t *weights, const int32_t *words,
                             const int32_t *multiplier, const int8_t *shift, TE_ELEMENT *out,
                             int8_t *window) {
    enum { SIZE = sizeof(TE_ELEMENT) };
    const int32_t pixels = p->out_height * p->out_width, group_size = p->out_channels / p->groups;
    const int32_t pitch = p->in_channels * SIZE, depth = pitch / p->groups;
    const uint32_t outside = SIZE == 1 ? (uint8_t)p->in_zero_point * UINT32_C(0x01010101) : 0;
    te_pie s = {0};
    (void)multiplier, (void)shift;

    if (!laid->direct)
        memset(window + p->kernel_height * p->kernel_width * depth / TE_PIE_VECTOR * TE_PIE_VECTOR, 0,
               TE_PIE_VECTOR);
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = (const int8_t *)(in + batch * p->in_height * p->in_width * p->in_channels);
        TE_ELEMENT *target = out + batch * pixels * p->out_channels;
        for (int32_t i = 0; i < p->out_height; i++) {
            const int32_t y = te_turn(i, p->out_height, p->reverse);
            for (int32_t j = 0; j < p->out_width; j++) {
                const int32_t x = te_turn(j, p->out_width, p->reverse);
                const int32_t top = y * p->stride_y - p->pad_top, left = x * p->stride_x - p->pad_left;
                TE_ELEMENT *to = target + (y * p->out_width + x) * p->out_channels;
                for (int32_t group = 0; group < p->groups; group++) {
                    const int8_t *from = window, *first = image + group * depth;
                    if (laid->direct)
                        from = first + (top * p->in_width + left) * pitch;
                    else
                        te_pie_gather(&s, p, pitch, depth, outside, first, top, left, window);
                    TE_OUTPUTS(&s, p, laid, weights, words, group * group_size, from, window,
                               to + group * group_size);
                }
            }
        }
    }
}

#undef TE_ELEMENT
#undef TE_CONV
#undef TE_OUTPUTS
