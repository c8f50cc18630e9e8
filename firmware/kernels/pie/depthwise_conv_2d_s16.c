/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: the sums of 8 channels in lanes of 40 bits of QACC, two instructions a tap.

   Weights are [blocks of 8 channels][taps][8], filled up with zeros, and 16 bytes more, since each
   multiplication loads the next weights. Lanes start with the biases, laid as depthwise_conv_2d_s8.c has them.
   Sums fit 32 bits. */
#include "kernels/pie/depthwise_conv_2d.h"
#include "kernels/pie/lanes.h"
#include "kernels/pie/output.h"
#include "kernels/pie/row.h"

/* Adds up the taps of the block of channels from `channel` on; those outside the input add nothing. */
TE_PIE_SHARED void te_depthwise_conv_2d_s16_pie_sums(te_pie *s, const te_depthwise_conv_2d *p,
                                                     const te_pie_place *at, int32_t channel,
                                                     const int8_t *weights, const int32_t *bias) {
    const int32_t depth = 2 * p->in_channels, width = p->kernel_width;
    const int aligned = depth % TE_PIE_VECTOR == 0;
    const int32_t step = p->dilation_x * depth, row_step = p->dilation_y * p->in_width * depth;
    const int32_t first = at->columns.first, last = at->columns.last;
    const int8_t *w = weights;
    TE_PIE_LD_QACC_LL(s, bias, 16);
    TE_PIE_LD_QACC_HL(s, bias, 16);
    TE_PIE_LD_QACC_LH(s, bias, 4);
    TE_PIE_LD_QACC_HH(s, bias, 4);
    /* From the image, which a pointer must not leave. */
    int32_t from = (at->top * p->in_width + at->left) * depth + 2 * channel;
    if (at->rows.first == 0 && at->rows.last == p->kernel_height && first == 0 && last == width) {
        TE_PIE_VLD(s, 7, w, 16);
        for (int32_t ky = 0; ky < p->kernel_height; ky++) {
            w = te_pie_row(s, 1, at->image + from, step, aligned, width, w);
            from += row_step;
        }
    } else if (first < last) {
        from += at->rows.first * row_step + first * step;
        for (int32_t ky = at->rows.first; ky < at->rows.last; ky++) {
            w = weights + (ky * width + first) * TE_PIE_VECTOR;
            TE_PIE_VLD(s, 7, w, 16);
            (void)te_pie_row(s, 1, at->image + from, step, aligned, last - first, w);
            from += row_step;
        }
    }
    (void)bias;
}

/* A half's lanes are 5 bytes apart: one of four addresses, and a multiple of four. */
#define TE_DEPTHWISE_S16_LANE(i, at, by)                                                                     \
    if ((i) < count) {                                                                                       \
        uint32_t sum;                                                                                        \
        TE_PIE_WORD(sum, at, by);                                                                            \
        out[i] = te_pie_scaled_s16((int32_t)sum, multiplier[i], TE_DEPTHWISE_S16_ADDED(i),                   \
                                   TE_DEPTHWISE_S16_SHIFT(i), p->out_min, p->out_max);                       \
    }
#define TE_DEPTHWISE_S16_SHIFT(i) (together != 0 ? together : shift[i])
#define TE_DEPTHWISE_S16_ADDED(i) (INT32_C(1) << TE_DEPTHWISE_S16_SHIFT(i) >> 1)

/* The outputs of the `count` first lanes. */
TE_PIE_SHARED void te_depthwise_conv_2d_s16_pie_finish(te_pie *s, const te_depthwise_conv_2d *p,
                                                       int32_t together, int32_t count,
                                                       const int32_t *multiplier, const int8_t *shift,
                                                       int16_t *out) {
    _Alignas(16) int8_t lanes[TE_PIE_LANES];
    const int8_t *at0 = lanes, *at1 = lanes + 1, *at2 = lanes + 2, *at3 = lanes + 3;
    te_pie_store_lanes(s, lanes);
    TE_DEPTHWISE_S16_LANE(0, at0, 0)
    TE_DEPTHWISE_S16_LANE(1, at1, 4)
    TE_DEPTHWISE_S16_LANE(2, at2, 8)
    TE_DEPTHWISE_S16_LANE(3, at3, 12)
    TE_DEPTHWISE_S16_LANE(4, at0, 32)
    TE_DEPTHWISE_S16_LANE(5, at1, 36)
    TE_DEPTHWISE_S16_LANE(6, at2, 40)
    TE_DEPTHWISE_S16_LANE(7, at3, 44)
}

/* What channels have in common: their shift, or 0. */
TE_PIE_INLINE int32_t te_depthwise_conv_2d_s16_pie_scaling(const te_depthwise_conv_2d *p,
                                                           const te_depthwise_conv_2d_pie *laid) {
    (void)p;
    return laid->shift;
}

/* The outputs of `count` channels from `channel` on; gives the next ones' weights. */
TE_PIE_INLINE const int8_t *
te_depthwise_conv_2d_s16_pie_outputs(te_pie *s, const te_depthwise_conv_2d *p, const int32_t *together,
                                     const te_pie_place *at, int32_t channel, int32_t count,
                                     const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                     const int8_t *shift, int16_t *out) {
    te_depthwise_conv_2d_s16_pie_sums(s, p, at, channel, weights, bias);
    te_depthwise_conv_2d_s16_pie_finish(s, p, *together, count, multiplier + channel, shift + channel, out);
    return weights + p->kernel_height * p->kernel_width * TE_PIE_VECTOR;
}

#define TE_ELEMENT int16_t
#define TE_DEPTHWISE(end) te_depthwise_conv_2d_s16##end
#define TE_SCALING int32_t
#include "kernels/pie/depthwise_conv_2d_body.h"
