/* SPDX-License-Identifier: Apache-2.0 */
/* For cores with a fast 32-bit multiplication and no vectors: two output pixels for one multiplication.

   The inputs a and b of two pixels are packed as a + b * 2^16. A product with a weight then holds both
   products, and so does a sum of four of them as long as the lower half stays within 16 bits. Where four
   weights could exceed that, the layout (tinyedge/layout/scalar.py) takes the largest out and lists it apart.

   Weights are a stream. For every group and every 8 of its channels (what remains goes one by one): for every
   4 taps, the 4 weights of each channel; then the number of weights apart (u16) and two bytes of nothing;
   then for each its tap (u16), its channel within the block (u8) and itself (s8). */
#include "kernels/conv_2d.h"
#include "kernels/requantize_high.h"
#include "kernels/unrolled.h"

enum {
    TE_CONV_2D_S8_SCALAR_PAIRS =
        640, /* taps of a pair of pixels that the stack holds; the layout knows it, too */
    TE_CONV_2D_S8_SCALAR_BLOCK = 8,
    TE_CONV_2D_S8_SCALAR_FOUR = 4,
    TE_CONV_2D_S8_SCALAR_HALF = 0x8000
};

/* A weight apart; before the first of a block, `tap` is how many there are. Tap and channel (within the
   block) come times 4, as offsets. */
typedef struct te_conv_2d_s8_scalar_apart {
    uint16_t tap;
    uint8_t channel;
    int8_t weight;
} te_conv_2d_s8_scalar_apart;

/* Where the window of an output pixel begins. */
typedef struct te_conv_2d_s8_scalar_place {
    int32_t top, left;
} te_conv_2d_s8_scalar_place;

static inline te_conv_2d_s8_scalar_place te_conv_2d_s8_scalar_locate(const te_conv_2d *p, int32_t pixel) {
    const te_conv_2d_s8_scalar_place place = {pixel / p->out_width * p->stride_y - p->pad_top,
                                              pixel % p->out_width * p->stride_x - p->pad_left};
    return place;
}

static inline void te_conv_2d_s8_scalar_pack(int32_t *pairs, const int8_t *a, int32_t a_step, const int8_t *b,
                                             int32_t b_step, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        pairs[i] = a[i * a_step] + b[i * b_step] * 65536;
}

/* The inputs of the windows at a and b, in the order of the weights of a group. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_scalar_gather(const te_conv_2d *p, const int8_t *image, te_conv_2d_s8_scalar_place a,
                            te_conv_2d_s8_scalar_place b, int32_t group, int32_t *pairs) {
    const int32_t depth = p->in_channels / p->groups;
    const int8_t outside = (int8_t)p->in_zero_point;
    const int32_t reach = (p->kernel_width - 1) * p->dilation_x;
    const int whole = te_min(a.left, b.left) >= 0 && te_max(a.left, b.left) + reach < p->in_width;
    const int side_by_side = p->dilation_x == 1 && p->groups == 1;

    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t a_row = a.top + ky * p->dilation_y, b_row = b.top + ky * p->dilation_y;
        const int a_inside = a_row >= 0 && a_row < p->in_height;
        const int b_inside = b_row >= 0 && b_row < p->in_height;
        const int8_t *a_from = image + (a_row * p->in_width + a.left) * p->in_channels + group * depth;
        const int8_t *b_from = image + (b_row * p->in_width + b.left) * p->in_channels + group * depth;
        if (whole && side_by_side && a_inside && b_inside) {
            te_conv_2d_s8_scalar_pack(pairs, a_from, 1, b_from, 1, p->kernel_width * depth);
            pairs += p->kernel_width * depth;
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t right = kx * p->dilation_x;
            const int a_here = a_inside && a.left + right >= 0 && a.left + right < p->in_width;
            const int b_here = b_inside && b.left + right >= 0 && b.left + right < p->in_width;
            te_conv_2d_s8_scalar_pack(pairs, a_here ? a_from + right * p->in_channels : &outside, a_here,
                                      b_here ? b_from + right * p->in_channels : &outside, b_here, depth);
            pairs += depth;
        }
    }
    for (int32_t i = p->kernel_height * p->kernel_width * depth; i % TE_CONV_2D_S8_SCALAR_FOUR != 0; i++)
        *pairs++ = 0;
}

/* Sums of `count` channels, first those of pixel a, then those of pixel b; gives the stream's next block.

   What is summed up is the packed word and its upper half: the lower half follows in the end, modulo 2^32. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_scalar_sums(const int32_t *pairs, int32_t fours, const int8_t *weights, const int32_t *bias,
                          int32_t count, int32_t *sums) {
    uint32_t packed[TE_CONV_2D_S8_SCALAR_BLOCK];
    uint32_t upper[TE_CONV_2D_S8_SCALAR_BLOCK];
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++)
        packed[c] = upper[c] = 0;
    const int32_t *end = pairs + fours * TE_CONV_2D_S8_SCALAR_FOUR;
    for (const int32_t *at = pairs; at != end; at += TE_CONV_2D_S8_SCALAR_FOUR) {
        const uint32_t x[] = {(uint32_t)at[0], (uint32_t)at[1], (uint32_t)at[2], (uint32_t)at[3]};
        TE_UNROLLED
        for (int32_t c = 0; c < count; c++) {
            uint32_t both =
                TE_CONV_2D_S8_SCALAR_HALF; /* the lower half is not negative, and borrows nothing */
            TE_UNROLLED
            for (int32_t i = 0; i < TE_CONV_2D_S8_SCALAR_FOUR; i++) {
                const int32_t weight = weights[c * TE_CONV_2D_S8_SCALAR_FOUR + i];
                both += x[i] * (uint32_t)weight;
                TE_NOW(both);
            }
            packed[c] += both;
            upper[c] += (uint32_t)((int32_t)both >> 16);
            TE_FINISH(packed[c], upper[c]);
        }
        weights += count * TE_CONV_2D_S8_SCALAR_FOUR;
    }
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        const uint32_t lower = packed[c] - (upper[c] << 16) - (uint32_t)fours * TE_CONV_2D_S8_SCALAR_HALF;
        sums[c] = (int32_t)(lower + (uint32_t)bias[c]);
        sums[count + c] = (int32_t)(upper[c] + (uint32_t)bias[c]);
    }
    const te_conv_2d_s8_scalar_apart *apart = (const void *)weights;
    const te_conv_2d_s8_scalar_apart *last = apart + apart->tap;
    while (apart != last) {
        apart++;
        const int32_t pair = *(const int32_t *)(const void *)((const int8_t *)pairs + apart->tap);
        const int32_t lower = (int16_t)pair;
        int32_t *sum = (int32_t *)(void *)((int8_t *)sums + apart->channel);
        sum[0] += lower * apart->weight;
        sum[count] += ((pair - lower) >> 16) * apart->weight;
    }
    return (const int8_t *)(last + 1);
}

static inline int8_t te_conv_2d_s8_scalar_scaled(const te_conv_2d *p, int32_t sum, const int32_t *multiplier,
                                                 const int8_t *shift, int32_t channel) {
    return te_requantize_either_s8(sum, multiplier, shift, channel * p->channel_step, p->high,
                                   p->out_zero_point, p->out_min, p->out_max);
}

static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_scalar_block(const te_conv_2d *p, const int32_t *pairs, const int8_t *weights,
                           const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                           int32_t channel, int32_t count, int8_t *a, int8_t *b) {
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t fours = (taps + TE_CONV_2D_S8_SCALAR_FOUR - 1) / TE_CONV_2D_S8_SCALAR_FOUR;
    int32_t sums[2 * TE_CONV_2D_S8_SCALAR_BLOCK];
    weights = te_conv_2d_s8_scalar_sums(pairs, fours, weights, bias + channel, count, sums);
    for (int32_t i = 0; i < count; i++) {
        a[channel + i] = te_conv_2d_s8_scalar_scaled(p, sums[i], multiplier, shift, channel + i);
        b[channel + i] = te_conv_2d_s8_scalar_scaled(p, sums[count + i], multiplier, shift, channel + i);
    }
    return weights;
}

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_scalar;

TE_KERNEL void te_conv_2d_s8_scalar(const te_conv_2d *p, const int8_t *in, const int8_t *weights,
                                    const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                    int8_t *out) {
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t group_size = p->out_channels / p->groups;
    const int32_t stride =
        (TE_CONV_2D_S8_SCALAR_FOUR - 1 + p->kernel_height * p->kernel_width * (p->in_channels / p->groups)) /
        TE_CONV_2D_S8_SCALAR_FOUR * TE_CONV_2D_S8_SCALAR_FOUR;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        int8_t *target = out + batch * pixels * p->out_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
            /* An odd last pixel is computed twice, and written twice. Both are read before one is written. */
            const int32_t first = te_turn(pixel, pixels, p->reverse);
            const int32_t second = te_turn(te_min(pixel + 1, pixels - 1), pixels, p->reverse);
            const te_conv_2d_s8_scalar_place a = te_conv_2d_s8_scalar_locate(p, first);
            const te_conv_2d_s8_scalar_place b = te_conv_2d_s8_scalar_locate(p, second);
            int32_t pairs[TE_CONV_2D_S8_SCALAR_PAIRS];
            for (int32_t group = 0; group < p->groups; group++)
                te_conv_2d_s8_scalar_gather(p, image, a, b, group, pairs + group * stride);
            const int8_t *stream = weights;
            for (int32_t group = 0; group < p->groups; group++) {
                const int32_t *x = pairs + group * stride;
                int32_t c = group * group_size;
                const int32_t end = c + group_size;
                for (; c + TE_CONV_2D_S8_SCALAR_BLOCK <= end; c += TE_CONV_2D_S8_SCALAR_BLOCK)
                    stream = te_conv_2d_s8_scalar_block(
                        p, x, stream, bias, multiplier, shift, c, TE_CONV_2D_S8_SCALAR_BLOCK,
                        target + first * p->out_channels, target + second * p->out_channels);
                for (; c < end; c++)
                    stream = te_conv_2d_s8_scalar_block(p, x, stream, bias, multiplier, shift, c, 1,
                                                        target + first * p->out_channels,
                                                        target + second * p->out_channels);
            }
        }
    }
}
