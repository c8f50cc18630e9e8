/* SPDX-License-Identifier: Apache-2.0 */
/* For cores with a fast 32-bit multiplication and no vectors: three output pixels for two multiplications.

   The inputs a, b and c of three pixels are packed as a + b * 2^20 and c + b * 2^12, modulo 2^32. Of the sums
   of such words times weights, as long as the three true sums stay within 20 bits, the first gives that of a
   and the lowest 12 bits of that of b, and the second then the rest of b's, above 24 bits of c's. Inputs are
   bytes: after how many taps sums could grow larger follows from the weights, and this the layout
   (tinyedge/plan/layout/scalar.py) says as `chunk`.

   Weights are, for every group, for every 32 of its channels, for every part of the window (as many chunks as
   288 taps hold; the last chunk is filled up with zeros), for every 8 channels and every one of those that
   remain, [taps, channels]. */
#include "kernels/requantize_high.h"
#include "kernels/scalar/conv_2d.h"
#include "kernels/unrolled.h"

enum { TE_CONV_2D_SCALAR_WORDS = 2 /* that hold the inputs of three pixels */ };

/* Three pixels, and their packed inputs. */
typedef struct te_conv_2d_s8_scalar_three {
    const int8_t *image;
    int32_t pixels[TE_CONV_2D_SCALAR_PIXELS];
    uint32_t x[TE_CONV_2D_SCALAR_TAPS * TE_CONV_2D_SCALAR_WORDS];
} te_conv_2d_s8_scalar_three;

/* One input of each pixel. */
static inline void te_conv_2d_s8_scalar_join(uint32_t *x, uint32_t a, uint32_t b, uint32_t c) {
    x[0] = a + (b << 20);
    x[1] = c + (b << 12);
}

/* `count` inputs of each pixel, side by side. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_scalar_pack(uint32_t *x, const int8_t *a, const int8_t *b, const int8_t *c, int32_t count) {
    for (; count >= TE_CONV_2D_SCALAR_FOUR; count -= TE_CONV_2D_SCALAR_FOUR) {
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_SCALAR_FOUR; i++)
            te_conv_2d_s8_scalar_join(x + 2 * i, (uint32_t)a[i], (uint32_t)b[i], (uint32_t)c[i]);
        x += TE_CONV_2D_SCALAR_FOUR * TE_CONV_2D_SCALAR_WORDS;
        a += TE_CONV_2D_SCALAR_FOUR;
        b += TE_CONV_2D_SCALAR_FOUR;
        c += TE_CONV_2D_SCALAR_FOUR;
        /* Else they would become sums of an index and an address, for which registers are too few. */
        TE_NOW(a);
        TE_NOW(b);
        TE_NOW(c);
    }
    for (int32_t i = 0; i < count; i++)
        te_conv_2d_s8_scalar_join(x + 2 * i, (uint32_t)a[i], (uint32_t)b[i], (uint32_t)c[i]);
}

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
            te_conv_2d_s8_scalar_pack(x + (first - begin) * WORDS, from + row[0] + first - start,
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
    for (int32_t i = end - begin; i % laid->chunk != 0; i++)
        x[i * WORDS] = x[i * WORDS + 1] = 0;
}

/* Adds the sums of a chunk of taps to `sums`, for every channel the three pixels'; or replaces these if
 * `anew`. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_scalar_add(const uint32_t *x,
                                                                           const int8_t *weights,
                                                                           int32_t taps, int32_t count,
                                                                           int anew, int32_t *sums) {
    uint32_t first[TE_CONV_2D_SCALAR_MOST], second[TE_CONV_2D_SCALAR_MOST];
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++)
        first[c] = second[c] = 0;
    const uint32_t *const end = x + taps * TE_CONV_2D_SCALAR_WORDS;
    while (x != end) {
        TE_UNROLLED
        for (int32_t tap = 0; tap < TE_CONV_2D_SCALAR_FOUR; tap++) {
            const uint32_t ab = x[2 * tap], bc = x[2 * tap + 1];
            TE_UNROLLED
            for (int32_t c = 0; c < count; c++) {
                const uint32_t weight = (uint32_t)weights[tap * count + c];
                first[c] += ab * weight;
                TE_NOW(first[c]);
                second[c] += bc * weight;
                TE_NOW(second[c]);
            }
        }
        x += TE_CONV_2D_SCALAR_FOUR * TE_CONV_2D_SCALAR_WORDS;
        weights += TE_CONV_2D_SCALAR_FOUR * count;
    }
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        const int32_t a = (int32_t)(first[c] << 12) >> 12;
        const uint32_t low = (first[c] - (uint32_t)a) >> 20;
        const uint32_t rest = second[c] - (low << 12);
        const int32_t of_c = (int32_t)(rest << 8) >> 8;
        const int32_t high = (int32_t)(rest - (uint32_t)of_c) >> 12;
        const int32_t chunk[] = {a, high + (int32_t)low, of_c};
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_SCALAR_PIXELS; i++)
            sums[TE_CONV_2D_SCALAR_PIXELS * c + i] =
                (anew ? 0 : sums[TE_CONV_2D_SCALAR_PIXELS * c + i]) + chunk[i];
    }
}

/* A channel: its constants, and its outputs at three pixels. */
typedef struct te_conv_2d_s8_scalar_channel {
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    int8_t *to[TE_CONV_2D_SCALAR_PIXELS];
} te_conv_2d_s8_scalar_channel;

static inline te_conv_2d_s8_scalar_channel te_conv_2d_s8_scalar_later(const te_conv_2d *p,
                                                                      const te_conv_2d_scalar *laid,
                                                                      te_conv_2d_s8_scalar_channel at,
                                                                      int32_t count) {
    const int32_t constants = count * p->channel_step;
    at.bias += count;
    at.multiplier += constants * (1 + laid->high);
    at.shift += constants;
    for (int32_t i = 0; i < TE_CONV_2D_SCALAR_PIXELS; i++)
        at.to[i] += count;
    return at;
}

/* The sums of `count` channels over the part of the windows from `begin` to `end` - 1, and if these are the
   last taps, their outputs; gives the next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_scalar_few(const te_conv_2d *p, const te_conv_2d_scalar *laid, const uint32_t *x, int32_t begin,
                         int32_t end, const int8_t *weights, int32_t count, te_conv_2d_s8_scalar_channel at,
                         int32_t *sums) {
    enum { PIXELS = TE_CONV_2D_SCALAR_PIXELS };
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    for (int32_t i = begin; i < end; i += laid->chunk) {
        te_conv_2d_s8_scalar_add(x, weights, laid->chunk, count, i == 0, sums);
        x += laid->chunk * TE_CONV_2D_SCALAR_WORDS;
        weights += laid->chunk * count;
    }
    if (end == taps) {
        for (int32_t c = 0; c < count; c++) {
            TE_UNROLLED
            for (int32_t i = 0; i < PIXELS; i++)
                *at.to[i] = te_requantize_either_s8(sums[PIXELS * c + i] + *at.bias, at.multiplier, at.shift,
                                                    0, laid->high, p->out_zero_point, p->out_min, p->out_max);
            at = te_conv_2d_s8_scalar_later(p, laid, at, 1);
        }
    }
    return weights;
}

/* Up to 32 channels of a group; gives the weights of the next. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_scalar_block(const te_conv_2d *p, const te_conv_2d_scalar *laid,
                           te_conv_2d_s8_scalar_three *three, int32_t group,
                           te_conv_2d_s8_scalar_channel start, int32_t count, const int8_t *weights) {
    enum { MOST = TE_CONV_2D_SCALAR_MOST, PIXELS = TE_CONV_2D_SCALAR_PIXELS };
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t part = TE_CONV_2D_SCALAR_TAPS / laid->chunk * laid->chunk;
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
                if (taps <= TE_CONV_2D_SCALAR_TAPS / laid->chunk * laid->chunk)
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
