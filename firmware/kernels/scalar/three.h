/* SPDX-License-Identifier: Apache-2.0 */
/* For cores with a fast 32-bit multiplication and no vectors: three output pixels for two multiplications.

   The inputs a, b and c of three pixels are packed as a + b * 2^21 and c + b * 2^11, modulo 2^32. Of the sums
   of such words times weights, as long as the three true sums stay within 21 bits, the first gives that of a
   and the lowest 11 bits of that of b, and the second then the rest of b's, above 22 bits of c's. Inputs are
   bytes: after how many taps sums could grow larger follows from the weights, and this the layout
   (tinyedge/plan/layout/scalar.py) says as `chunk`. */
#ifndef TE_SCALAR_THREE_H
#define TE_SCALAR_THREE_H

#include "kernels/requantize_high.h"
#include "kernels/scalar/conv_2d.h"
#include "kernels/unrolled.h"

enum { TE_CONV_2D_SCALAR_WORDS = 2 /* that hold the inputs of three pixels */ };

/* One input of each pixel. */
static inline void te_conv_2d_s8_scalar_join(uint32_t *x, uint32_t a, uint32_t b, uint32_t c) {
    x[0] = a + (b << 21);
    x[1] = c + (b << 11);
}

/* `count` inputs of each pixel, side by side, to places that are `step` taps apart. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_scalar_pack(uint32_t *x, int32_t step,
                                                                            const int8_t *a, const int8_t *b,
                                                                            const int8_t *c, int32_t count) {
    step *= TE_CONV_2D_SCALAR_WORDS;
    for (; count >= TE_CONV_2D_SCALAR_FOUR; count -= TE_CONV_2D_SCALAR_FOUR) {
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_SCALAR_FOUR; i++)
            te_conv_2d_s8_scalar_join(x + step * i, (uint32_t)a[i], (uint32_t)b[i], (uint32_t)c[i]);
        x += TE_CONV_2D_SCALAR_FOUR * step;
        a += TE_CONV_2D_SCALAR_FOUR;
        b += TE_CONV_2D_SCALAR_FOUR;
        c += TE_CONV_2D_SCALAR_FOUR;
        /* Else they would become sums of an index and an address, for which registers are too few. */
        TE_NOW(a);
        TE_NOW(b);
        TE_NOW(c);
    }
    for (int32_t i = 0; i < count; i++)
        te_conv_2d_s8_scalar_join(x + step * i, (uint32_t)a[i], (uint32_t)b[i], (uint32_t)c[i]);
}

/* Taps of a chunk. */
static inline int32_t te_conv_2d_s8_scalar_chunk(const te_conv_2d_scalar *laid) {
    return laid->chunk * TE_CONV_2D_SCALAR_FOUR;
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
        /* A weight is loaded one channel before it is used: a core that waits for its loads does not then. */
        uint32_t next = (uint32_t)weights[0];
        TE_UNROLLED
        for (int32_t tap = 0; tap < TE_CONV_2D_SCALAR_FOUR; tap++) {
            const uint32_t ab = x[2 * tap], bc = x[2 * tap + 1];
            TE_UNROLLED
            for (int32_t c = 0; c < count; c++) {
                const uint32_t weight = next;
                const int32_t later = tap * count + c + 1;
                if (later < TE_CONV_2D_SCALAR_FOUR * count) {
                    next = (uint32_t)weights[later];
                    TE_NOW(next);
                }
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
        const int32_t a = (int32_t)(first[c] << 11) >> 11;
        const uint32_t low = (first[c] - (uint32_t)a) >> 21;
        const uint32_t rest = second[c] - (low << 11);
        const int32_t of_c = (int32_t)(rest << 10) >> 10;
        const int32_t high = (int32_t)(rest - (uint32_t)of_c) >> 11;
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
    at.multiplier += constants * (1 + laid->high);
    if (!laid->lines) {
        at.bias += count;
        at.shift += constants;
    }
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
    const int32_t chunk = te_conv_2d_s8_scalar_chunk(laid);
    for (int32_t i = begin; i < end; i += chunk) {
        te_conv_2d_s8_scalar_add(x, weights, chunk, count, i == 0, sums);
        x += chunk * TE_CONV_2D_SCALAR_WORDS;
        weights += chunk * count;
    }
    if (end == taps) {
        TE_ROLLED
        for (int32_t c = 0; c < count; c++) {
            TE_UNROLLED
            for (int32_t i = 0; i < PIXELS; i++)
                *at.to[i] = te_requantize_line_s8(
                    sums[PIXELS * c + i] + te_line_bias(at.bias, 0, laid->lines), at.multiplier, at.shift, 0,
                    laid->high, laid->lines, laid->line_left, laid->line_right, p->out_zero_point, p->out_min,
                    p->out_max);
            at = te_conv_2d_s8_scalar_later(p, laid, at, 1);
        }
    }
    return weights;
}

#endif
