/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: the sums of 16 channels in QACC, two instructions a tap.

   Weights are [blocks of 16 channels][taps][16], filled up with zeros, and 16 bytes more, since each
   multiplication loads the next weights. Lanes start with the biases, which are laid as QACC is: of each
   block 16 bytes of QACC_L, 16 of QACC_H, then what remains of both, 4 bytes each, and 8 bytes of nothing. No
   sum leaves its lane. Scales are pairs of multiplier and what requantisation adds; of lines this has the bias,
   and lanes start with 0. */
#include "kernels/pie/depthwise_conv_2d.h"
#include "kernels/pie/lanes.h"
#include "kernels/pie/output.h"
#include "kernels/pie/row.h"

enum {
    TE_DEPTHWISE_LEFT = 32 - TE_DEPTHWISE_CONV_2D_PIE_BITS /* of lines: a lane's bits are the upper ones */
};

typedef struct te_depthwise_conv_2d_s8_pie_how {
    te_pie_scaling scaling;
    int32_t lines, right; /* right: of lines */
} te_depthwise_conv_2d_s8_pie_how;

/* `count` taps outside the input, whose zero points are in Q4, by weights in Q7 and then from w on. */
TE_PIE_INLINE const int8_t *te_depthwise_conv_2d_s8_pie_outside(te_pie *s, int32_t count, const int8_t *w) {
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i++)
        TE_PIE_LANES_LD(s, 7, w, 16, 4, 7);
    (void)s;
    return w;
}

/* Adds up the taps of the block of channels from `channel` on; gives the next block's weights. Where `bias` is
   NULL, lanes start with 0. */
TE_PIE_SHARED const int8_t *te_depthwise_conv_2d_s8_pie_sums(te_pie *s, const te_depthwise_conv_2d *p,
                                                             const te_pie_place *at, int32_t channel,
                                                             const int8_t *weights, const int32_t *bias) {
    const int aligned = p->in_channels % TE_PIE_VECTOR == 0;
    const int32_t step = p->dilation_x * p->in_channels, row_step = p->dilation_y * p->in_width;
    const int32_t width = p->kernel_width, height = p->kernel_height;
    const int32_t first = at->columns.first, last = at->columns.last;
    const int8_t *w = weights, *outside = at->outside;
    if (bias == NULL) {
        TE_PIE_ZERO_QACC(s);
    } else {
        TE_PIE_LD_QACC_LL(s, bias, 16);
        TE_PIE_LD_QACC_HL(s, bias, 16);
        TE_PIE_LD_QACC_LH(s, bias, 4);
        TE_PIE_LD_QACC_HH(s, bias, 4);
    }
    TE_PIE_VLD(s, 7, w, 16);
    /* From the image, which a pointer must not leave. */
    int32_t from = (at->top * p->in_width + at->left) * p->in_channels + channel;
    if (at->rows.first == 0 && at->rows.last == height && first == 0 && last == width) {
        for (int32_t ky = 0; ky < height; ky++) {
            w = te_pie_row(s, 0, at->image + from, step, aligned, width, w);
            from += row_step * p->in_channels;
        }
    } else {
        TE_PIE_VLD(s, 4, outside, 0);
        w = te_depthwise_conv_2d_s8_pie_outside(s, at->rows.first * width, w);
        from += at->rows.first * row_step * p->in_channels;
        for (int32_t ky = at->rows.first; ky < at->rows.last; ky++) {
            w = te_depthwise_conv_2d_s8_pie_outside(s, first, w);
            if (first < last)
                w = te_pie_row(s, 0, at->image + (from + first * step), step, aligned, last - first, w);
            w = te_depthwise_conv_2d_s8_pie_outside(s, width - last, w);
            from += row_step * p->in_channels;
        }
        w = te_depthwise_conv_2d_s8_pie_outside(s, (height - at->rows.last) * width, w);
    }
    (void)bias;
    (void)outside;
    return w - TE_PIE_VECTOR;
}

/* Lanes 2 * j and 2 * j + 1 of a half of QACC are the 5 bytes from 5 * j on; where that and two bytes later
   are, as one of four addresses and a multiple of four. */
#define TE_DEPTHWISE_LANES(i, even_at, even_by, odd_at, odd_by)                                              \
    if ((i) < count) {                                                                                       \
        uint32_t word;                                                                                       \
        TE_PIE_WORD(word, at##even_at, even_by);                                                             \
        out[i] = TE_DEPTHWISE_OUTPUT(i, word, 0);                                                            \
    }                                                                                                        \
    if ((i) + 1 < count) {                                                                                   \
        uint32_t word;                                                                                       \
        TE_PIE_WORD(word, at##odd_at, odd_by);                                                               \
        out[(i) + 1] = TE_DEPTHWISE_OUTPUT((i) + 1, word, 1);                                                \
    }

#define TE_DEPTHWISE_OUTPUT(i, word, odd)                                                                    \
    te_depthwise_conv_2d_s8_pie_made(how, word, odd, scales + 2 * (i) * step, shift, (i) * step)

/* The output of lane `i`, which are the 20 lowest bits of a word, or if `odd` those above its 4 lowest. */
TE_PIE_INLINE int8_t te_depthwise_conv_2d_s8_pie_made(const te_depthwise_conv_2d_s8_pie_how *how,
                                                      uint32_t word, int odd, const int32_t *scales,
                                                      const int8_t *shift, int32_t i) {
    const te_pie_scaling *scaling = &how->scaling;
    const uint32_t lowest = odd ? word >> 4 : word;
    if (how->lines)
        return te_pie_scaled(scaling, (int32_t)(lowest << TE_DEPTHWISE_LEFT), scales[0], scales[1],
                             how->right);
    if (!odd && scaling->left)
        return te_pie_scaled(scaling, (int32_t)(word << 12) >> 10, scales[0], scales[1], shift[i]);
    const int32_t sum = (int32_t)(word << (odd ? 8 : 12)) >> 12;
    return te_pie_scaled(scaling, scaling->left ? sum * 4 : sum, scales[0], scales[1], shift[i]);
}

/* The outputs of `count` sums, `left` and `lines` being those of `how`. */
TE_PIE_INLINE void te_depthwise_conv_2d_s8_pie_each(const int32_t *sums,
                                                    const te_depthwise_conv_2d_s8_pie_how *how, int32_t left,
                                                    int lines, int32_t step, int32_t count,
                                                    const int32_t *scales, const int8_t *shift, int8_t *out) {
    te_pie_scaling kept = how->scaling; /* no store of an output changes it */
    const int32_t right = how->right;
    kept.left = left;
    kept.negative = !lines && kept.negative;
    for (int32_t i = 0; i < count; i++) {
        out[i] = te_pie_scaled(&kept, sums[i] * (1 << left), scales[0], scales[1],
                               lines ? right : (uint8_t)shift[i * step]);
        scales += 2 * step;
    }
}

/* The outputs of the `count` first lanes. */
TE_PIE_SHARED void te_depthwise_conv_2d_s8_pie_finish(te_pie *s, const te_depthwise_conv_2d_s8_pie_how *how,
                                                      int32_t step, int32_t count, const int32_t *scales,
                                                      const int8_t *shift, int8_t *out) {
    _Alignas(16) int8_t lanes[TE_PIE_LANES];
    te_pie_store_lanes(s, lanes);
    if (TE_PIE_SMALL) {
        int32_t sums[TE_PIE_VECTOR];
        TE_UNROLLED
        for (int32_t i = 0; i < TE_PIE_VECTOR; i++)
            sums[i] = te_pie_lane(lanes, i);
        if (how->lines)
            te_depthwise_conv_2d_s8_pie_each(sums, how, TE_DEPTHWISE_LEFT, 1, step, count, scales, shift,
                                             out);
        else if (how->scaling.left != 0)
            te_depthwise_conv_2d_s8_pie_each(sums, how, 2, 0, step, count, scales, shift, out);
        else
            te_depthwise_conv_2d_s8_pie_each(sums, how, 0, 0, step, count, scales, shift, out);
        return;
    }
    const int8_t *at0 = lanes, *at1 = lanes + 1, *at2 = lanes + 2, *at3 = lanes + 3;
    TE_DEPTHWISE_LANES(0, 0, 0, 2, 0)
    TE_DEPTHWISE_LANES(2, 1, 4, 3, 4)
    TE_DEPTHWISE_LANES(4, 2, 8, 0, 12)
    TE_DEPTHWISE_LANES(6, 3, 12, 1, 16)
    TE_DEPTHWISE_LANES(8, 0, 32, 2, 32)
    TE_DEPTHWISE_LANES(10, 1, 36, 3, 36)
    TE_DEPTHWISE_LANES(12, 2, 40, 0, 44)
    TE_DEPTHWISE_LANES(14, 3, 44, 1, 48)
}

TE_PIE_INLINE te_depthwise_conv_2d_s8_pie_how
te_depthwise_conv_2d_s8_pie_scaling(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_pie *laid) {
    const te_depthwise_conv_2d_s8_pie_how how = {
        {laid->left, 0, !laid->lines && p->out_min < p->out_zero_point, p->out_zero_point, p->out_min,
         p->out_max},
        laid->lines,
        laid->line_right,
    };
    return how;
}

/* The outputs of `count` channels from `channel` on, which may share a scale; gives the next ones' weights. */
TE_PIE_INLINE const int8_t *te_depthwise_conv_2d_s8_pie_outputs(te_pie *s, const te_depthwise_conv_2d *p,
                                                                const te_depthwise_conv_2d_s8_pie_how *how,
                                                                const te_pie_place *at, int32_t channel,
                                                                int32_t count, const int8_t *weights,
                                                                const int32_t *bias, const int32_t *scales,
                                                                const int8_t *shift, int8_t *out) {
    const int32_t step = p->channel_step;
    const int8_t *w = te_depthwise_conv_2d_s8_pie_sums(s, p, at, channel, weights, how->lines ? NULL : bias);
    te_depthwise_conv_2d_s8_pie_finish(s, how, step, count, scales + 2 * channel * step,
                                       how->lines ? shift : shift + channel * step, out);
    return w;
}

#define TE_ELEMENT int8_t
#define TE_DEPTHWISE(end) te_depthwise_conv_2d_s8##end
#define TE_SCALING te_depthwise_conv_2d_s8_pie_how
#include "kernels/pie/depthwise_conv_2d_body.h"
