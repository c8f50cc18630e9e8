/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions for cores without vectors: the windows of three pixels, one after another in the order of the
   output, are gathered and multiplied as three.h says.

   Weights are, for every group, for every 32 of its channels, for every part of the window (as many chunks as
   288 taps hold; the last chunk is filled up with zeros), for every 8 channels and every one of those that
   remain, [taps, channels]. */
#include "kernels/scalar/three.h"

/* Three pixels, and their packed inputs. */
typedef struct te_conv_2d_s8_scalar_three {
    const int8_t *image;
    int32_t pixels[TE_CONV_2D_SCALAR_PIXELS];
    uint32_t x[TE_CONV_2D_SCALAR_TAPS * TE_CONV_2D_SCALAR_WORDS];
} te_conv_2d_s8_scalar_three;

/* Inputs `begin` to `end` - 1 of the windows, in the order of the weights of a group, and zeros for the last
   chunk. */
TE_KERNEL void te_conv_2d_s8_scalar_gather(const te_conv_2d *restrict p,
                                           const te_conv_2d_scalar *restrict laid,
                                           te_conv_2d_s8_scalar_three *three, int32_t group, int32_t begin,
                                           int32_t end) {
    enum { PIXELS = TE_CONV_2D_SCALAR_PIXELS, WORDS = TE_CONV_2D_SCALAR_WORDS };
    const int32_t depth = p->in_channels / p->groups;
    const int32_t line = p->kernel_width * depth;
    const int32_t reach = (p->kernel_width - 1) * p->dilation_x;
    const int parted = end - begin < p->kernel_height * line;
    const int8_t outside = (int8_t)p->in_zero_point;
    int32_t top[PIXELS], left[PIXELS];
    int whole = p->dilation_x == 1 && p->groups == 1;
    TE_UNROLLED
    for (int32_t i = 0; i < PIXELS; i++) {
        top[i] = three->pixels[i] / p->out_width * p->stride_y - p->pad_top;
        left[i] = three->pixels[i] % p->out_width * p->stride_x - p->pad_left;
        whole = whole && left[i] >= 0 && left[i] + reach < p->in_width;
    }
    uint32_t *const x = three->x;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        int32_t row[PIXELS]; /* from the image, which a pointer must not leave */
        int inside[PIXELS], all = whole;
        TE_UNROLLED
        for (int32_t i = 0; i < PIXELS; i++) {
            const int32_t y = top[i] + ky * p->dilation_y;
            inside[i] = y >= 0 && y < p->in_height;
            row[i] = (y * p->in_width + left[i]) * p->in_channels + group * depth;
            all = all && inside[i];
        }
        if (all) {
            const int32_t start = ky * line;
            const int32_t first = parted ? te_max(start, begin) : start;
            const int32_t count = parted ? te_min(start + line, end) - first : line;
            const int8_t *const from = three->image;
            te_conv_2d_s8_scalar_pack(x + (first - begin) * WORDS, 1, from + row[0] + first - start,
                                      from + row[1] + first - start, from + row[2] + first - start, count);
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t right = kx * p->dilation_x, start = ky * line + kx * depth;
            const int32_t first = te_max(start, begin), last = te_min(start + depth, end);
            const int8_t *from[PIXELS];
            int32_t step[PIXELS];
            TE_UNROLLED
            for (int32_t i = 0; i < PIXELS; i++) {
                step[i] = inside[i] && left[i] + right >= 0 && left[i] + right < p->in_width;
                from[i] =
                    step[i] ? three->image + (row[i] + (right * p->in_channels + first - start)) : &outside;
            }
            for (int32_t i = 0; i < last - first; i++)
                te_conv_2d_s8_scalar_join(x + (first - begin + i) * WORDS, (uint32_t)from[0][i * step[0]],
                                          (uint32_t)from[1][i * step[1]], (uint32_t)from[2][i * step[2]]);
        }
    }
    for (int32_t i = end - begin; i % te_conv_2d_s8_scalar_chunk(laid) != 0; i++)
        x[i * WORDS] = x[i * WORDS + 1] = 0;
}

/* Taps of a part of the window. */
static inline int32_t te_conv_2d_s8_scalar_part(const te_conv_2d_scalar *laid) {
    const int32_t chunk = te_conv_2d_s8_scalar_chunk(laid);
    return TE_CONV_2D_SCALAR_TAPS / chunk * chunk;
}

/* Up to 32 channels of a group; gives the weights of the next. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_scalar_block(const te_conv_2d *p, const te_conv_2d_scalar *laid,
                           te_conv_2d_s8_scalar_three *three, int32_t group,
                           te_conv_2d_s8_scalar_channel start, int32_t count, const int8_t *weights) {
    enum { MOST = TE_CONV_2D_SCALAR_MOST, PIXELS = TE_CONV_2D_SCALAR_PIXELS };
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t part = te_conv_2d_s8_scalar_part(laid);
    const int whole = taps <= part;
    int32_t kept[TE_CONV_2D_SCALAR_BLOCK * PIXELS];
    for (int32_t begin = 0; begin < taps; begin += part) {
        const int32_t end = te_min(begin + part, taps);
        te_conv_2d_s8_scalar_channel at = start;
        int32_t *sums = kept;
        if (!whole)
            te_conv_2d_s8_scalar_gather(p, laid, three, group, begin, end);
        int32_t c = 0;
        for (; c + MOST <= count; c += MOST) {
            weights = te_conv_2d_s8_scalar_few(p, laid, three->x, begin, end, weights, MOST, at, sums);
            sums += whole ? 0 : MOST * PIXELS;
            at = te_conv_2d_s8_scalar_later(p, laid, at, MOST);
        }
        for (; c < count; c++) {
            weights = te_conv_2d_s8_scalar_few(p, laid, three->x, begin, end, weights, 1, at, sums);
            sums += whole ? 0 : PIXELS;
            at = te_conv_2d_s8_scalar_later(p, laid, at, 1);
        }
    }
    return weights;
}

TE_KERNEL te_conv_2d_s8_scalar_fn te_conv_2d_s8_scalar;

TE_KERNEL void te_conv_2d_s8_scalar(const te_conv_2d *restrict p, const te_conv_2d_scalar *restrict laid,
                                    const int8_t *in, const int8_t *weights, const int32_t *bias,
                                    const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    enum { PIXELS = TE_CONV_2D_SCALAR_PIXELS, BLOCK = TE_CONV_2D_SCALAR_BLOCK };
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t group_size = p->out_channels / p->groups;
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        int8_t *target = out + batch * pixels * p->out_channels;
        te_conv_2d_s8_scalar_three three;
        three.image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += PIXELS) {
            te_conv_2d_s8_scalar_channel at = {bias, multiplier, shift, {NULL}};
            /* Where fewer pixels are left, the last one is made several times. */
            TE_UNROLLED
            for (int32_t i = 0; i < PIXELS; i++) {
                three.pixels[i] = te_turn(te_min(pixel + i, pixels - 1), pixels, p->reverse);
                at.to[i] = target + three.pixels[i] * p->out_channels;
            }
            const int8_t *w = weights;
            for (int32_t group = 0; group < p->groups; group++) {
                if (taps <= te_conv_2d_s8_scalar_part(laid))
                    te_conv_2d_s8_scalar_gather(p, laid, &three, group, 0, taps);
                for (int32_t c = 0; c < group_size; c += BLOCK) {
                    const int32_t count = te_min(group_size - c, BLOCK);
                    w = te_conv_2d_s8_scalar_block(p, laid, &three, group, at, count, w);
                    at = te_conv_2d_s8_scalar_later(p, laid, at, count);
                }
            }
        }
    }
}
