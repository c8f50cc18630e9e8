/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions for cores without vectors whose windows share columns: three pixels are multiplied together as
   three.h says, and slide to the right together, so that a column of their windows is packed once for all
   outputs that it serves. They are one below the other where a block is of three rows; of a row, which is a
   block where a third would cost nothing or where rows remain, they are a third of it apart. A row that has
   no thirds gives some pixels twice.

   Weights are, for every 8 channels and every one of those that remain, [taps, channels]; taps are
   [kernel_width, in_channels, kernel_height], filled up with zeros to whole chunks. */
#include "kernels/scalar/three.h"

/* The windows of three pixels: the places of their first taps in the input, and where their outputs go. */
typedef struct te_conv_2d_s8_strips_three {
    int32_t top[TE_CONV_2D_SCALAR_PIXELS], left[TE_CONV_2D_SCALAR_PIXELS];
    int8_t *to[TE_CONV_2D_SCALAR_PIXELS];
} te_conv_2d_s8_strips_three;

/* Packs columns from `begin` to `end` - 1 of a row of the windows' inputs, of which those outside the image are
   the zero point; `row` is where it begins, and `inside` says where there is one. */
static inline void te_conv_2d_s8_strips_edge(const te_conv_2d *p, const te_conv_2d_s8_strips_three *three,
                                             const int8_t *image, const int32_t *row, const int *inside,
                                             int32_t begin, int32_t end, uint32_t *x) {
    const int8_t outside = (int8_t)p->in_zero_point;
    for (int32_t column = begin; column < end; column++) {
        const int8_t *from[TE_CONV_2D_SCALAR_PIXELS];
        int32_t step[TE_CONV_2D_SCALAR_PIXELS];
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_SCALAR_PIXELS; i++) {
            const int32_t at = three->left[i] + column;
            step[i] = inside[i] && at >= 0 && at < p->in_width;
            from[i] = step[i] ? image + (row[i] + column * p->in_channels) : &outside;
        }
        for (int32_t c = 0; c < p->in_channels; c++)
            te_conv_2d_s8_scalar_join(x + (column * p->in_channels + c) * p->kernel_height *
                                              TE_CONV_2D_SCALAR_WORDS,
                                      (uint32_t)from[0][c * step[0]], (uint32_t)from[1][c * step[1]],
                                      (uint32_t)from[2][c * step[2]]);
    }
}

/* Packs `columns` columns of the windows' inputs, and zeros that the last window's last chunk reads. */
TE_KERNEL void te_conv_2d_s8_strips_pack(const te_conv_2d *restrict p, const te_conv_2d_scalar *restrict laid,
                                         const te_conv_2d_s8_strips_three *restrict three,
                                         const int8_t *image, int32_t columns, uint32_t *x) {
    enum { PIXELS = TE_CONV_2D_SCALAR_PIXELS, WORDS = TE_CONV_2D_SCALAR_WORDS };
    const int32_t *const left = three->left;
    const int32_t taps = p->kernel_height * p->kernel_width * p->in_channels;
    const int32_t first = te_max(0, -te_min(left[0], te_min(left[1], left[2])));
    const int32_t last = te_min(columns, p->in_width - te_max(left[0], te_max(left[1], left[2])));
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        int32_t row[PIXELS]; /* from the image, which a pointer must not leave */
        int inside[PIXELS], all = first < last;
        TE_UNROLLED
        for (int32_t i = 0; i < PIXELS; i++) {
            const int32_t y = three->top[i] + ky * p->dilation_y;
            inside[i] = y >= 0 && y < p->in_height;
            row[i] = (y * p->in_width + left[i]) * p->in_channels;
            all = all && inside[i];
        }
        const int32_t from = all ? first : columns, to = all ? last : columns;
        te_conv_2d_s8_strips_edge(p, three, image, row, inside, 0, from, x + ky * WORDS);
        if (all) {
            const int32_t begin = from * p->in_channels;
            te_conv_2d_s8_scalar_pack(x + (begin * p->kernel_height + ky) * WORDS, p->kernel_height,
                                      image + (row[0] + begin), image + (row[1] + begin),
                                      image + (row[2] + begin), (to - from) * p->in_channels);
        }
        te_conv_2d_s8_strips_edge(p, three, image, row, inside, to, columns, x + ky * WORDS);
    }
    x += columns * p->in_channels * p->kernel_height * WORDS;
    for (int32_t i = taps; i % te_conv_2d_s8_scalar_chunk(laid) != 0; i++) {
        x[0] = x[1] = 0;
        x += WORDS;
    }
}

/* All channels of three pixels, whose windows are packed at x. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_strips_channels(const te_conv_2d *p, const te_conv_2d_scalar *laid, const uint32_t *x,
                              const int8_t *weights, te_conv_2d_s8_scalar_channel at) {
    enum { MOST = TE_CONV_2D_SCALAR_MOST };
    const int32_t taps = p->kernel_height * p->kernel_width * p->in_channels;
    int32_t sums[MOST * TE_CONV_2D_SCALAR_PIXELS];
    int32_t c = 0;
    for (; c + MOST <= p->out_channels; c += MOST) {
        weights = te_conv_2d_s8_scalar_few(p, laid, x, 0, taps, weights, MOST, at, sums);
        at = te_conv_2d_s8_scalar_later(p, laid, at, MOST);
    }
    for (; c < p->out_channels; c++) {
        weights = te_conv_2d_s8_scalar_few(p, laid, x, 0, taps, weights, 1, at, sums);
        at = te_conv_2d_s8_scalar_later(p, laid, at, 1);
    }
}

TE_KERNEL te_conv_2d_s8_scalar_fn te_conv_2d_s8_strips_scalar;

TE_KERNEL void te_conv_2d_s8_strips_scalar(const te_conv_2d *restrict p,
                                           const te_conv_2d_scalar *restrict laid, const int8_t *in,
                                           const int8_t *weights, const int32_t *bias,
                                           const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    enum { PIXELS = TE_CONV_2D_SCALAR_PIXELS };
    const int32_t third = (p->out_width + PIXELS - 1) / PIXELS;
    const int32_t whole = laid->rows == PIXELS ? p->out_height / PIXELS : 0;
    const int32_t blocks = whole + p->out_height - whole * PIXELS;
    const int32_t window = p->stride_x * p->in_channels * p->kernel_height * TE_CONV_2D_SCALAR_WORDS;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        int8_t *target = out + batch * p->out_height * p->out_width * p->out_channels;
        for (int32_t b = 0; b < blocks; b++) {
            const int32_t block = te_turn(b, blocks, p->reverse);
            const int32_t y = block < whole ? block * PIXELS : block + whole * (PIXELS - 1);
            const int32_t count = block < whole ? p->out_width : third;
            const int32_t segments = (count + laid->length - 1) / laid->length;
            for (int32_t s = 0; s < segments; s++) {
                const int32_t begin = te_turn(s, segments, p->reverse) * laid->length;
                const int32_t pixels = te_min(count - begin, laid->length);
                uint32_t x[TE_CONV_2D_SCALAR_TAPS * TE_CONV_2D_SCALAR_WORDS];
                te_conv_2d_s8_strips_three three;
                TE_UNROLLED
                for (int32_t i = 0; i < PIXELS; i++) {
                    const int32_t row = block < whole ? y + i : y;
                    const int32_t column =
                        begin + (block < whole ? 0 : te_min(i * third, p->out_width - third));
                    three.top[i] = row * p->stride_y - p->pad_top;
                    three.left[i] = column * p->stride_x - p->pad_left;
                    three.to[i] = target + (row * p->out_width + column) * p->out_channels;
                }
                te_conv_2d_s8_strips_pack(p, laid, &three, image,
                                          (pixels - 1) * p->stride_x + p->kernel_width, x);
                for (int32_t pixel = 0; pixel < pixels; pixel++) {
                    te_conv_2d_s8_scalar_channel at = {bias, multiplier, shift, {NULL}};
                    TE_UNROLLED
                    for (int32_t i = 0; i < PIXELS; i++)
                        at.to[i] = three.to[i] + pixel * p->out_channels;
                    te_conv_2d_s8_strips_channels(p, laid, x + pixel * window, weights, at);
                }
            }
        }
    }
}
