/* SPDX-License-Identifier: Apache-2.0 */
/* A depthwise convolution, pixel by pixel and vector by vector of channels: TE_DEPTHWISE(end) is
   te_depthwise_conv_2d_s8 or te_depthwise_conv_2d_s16 and `end`, TE_ELEMENT the type of its activations.
   TE_DEPTHWISE(_pie_outputs) makes the outputs of a vector, by what TE_DEPTHWISE(_pie_scaling) made of the
   parameters, a TE_SCALING, and gives the next vector's weights. Included once for each, behind those. */

TE_KERNEL TE_DEPTHWISE(_pie_fn) TE_DEPTHWISE(_pie);

TE_KERNEL void TE_DEPTHWISE(_pie)(const te_depthwise_conv_2d *restrict p,
                                  const te_depthwise_conv_2d_pie *restrict laid, const TE_ELEMENT *in,
                                  const TE_ELEMENT *weights, const int32_t *bias, const int32_t *scales,
                                  const int8_t *shift, TE_ELEMENT *out) {
    enum { LANES = TE_PIE_VECTOR / (int)sizeof(TE_ELEMENT) };
    const int32_t pixels = p->out_height * p->out_width, whole = p->out_channels / LANES * LANES;
    const int32_t block = laid->lines ? 0 : TE_DEPTHWISE_CONV_2D_PIE_WORDS;
    const TE_SCALING how = TE_DEPTHWISE(_pie_scaling)(p, laid);
    _Alignas(16) int8_t outside[TE_PIE_VECTOR];
    te_pie s = {0};

    memset(outside, p->in_zero_point, sizeof outside);
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = (const int8_t *)(in + batch * p->in_height * p->in_width * p->in_channels);
        TE_ELEMENT *target = out + batch * pixels * p->out_channels;
        for (int32_t i = 0; i < p->out_height; i++) {
            const int32_t y = te_turn(i, p->out_height, p->reverse);
            const int32_t top = y * p->stride_y - p->pad_top;
            const te_pie_span rows = te_pie_inside(top, p->kernel_height, p->dilation_y, p->in_height);
            for (int32_t j = 0; j < p->out_width; j++) {
                const int32_t x = te_turn(j, p->out_width, p->reverse);
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_pie_place at = {
                    image,
                    top,
                    left,
                    rows,
                    te_pie_inside(left, p->kernel_width, p->dilation_x, p->in_width),
                    outside,
                };
                const int8_t *w = (const int8_t *)weights;
                const int32_t *start = bias;
                TE_ELEMENT *to = target + (y * p->out_width + x) * p->out_channels;
                int32_t c = 0;
                TE_PIE_FENCE();
                for (; c < whole; c += LANES) {
                    w = TE_DEPTHWISE(_pie_outputs)(&s, p, &how, &at, c, LANES, w, start, scales, shift,
                                                   to + c);
                    start += block;
                }
                if (c < p->out_channels)
                    (void)TE_DEPTHWISE(_pie_outputs)(&s, p, &how, &at, c, p->out_channels - c, w, start,
                                                     scales, shift, to + c);
            }
        }
    }
}

#undef TE_ELEMENT
#undef TE_DEPTHWISE
#undef TE_SCALING
