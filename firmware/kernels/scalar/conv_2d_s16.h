/* SPDX-License-Identifier: Apache-2.0 */
/* What convolutions with int16 activations for cores without vectors share: copies, and sums of four channels at four
   pixels. */
#ifndef TE_SCALAR_CONV_2D_S16_H
#define TE_SCALAR_CONV_2D_S16_H

#include "kernels/scalar/conv_2d.h"
#include "kernels/short.h"
#include "kernels/unrolled.h"

/* No call of memcpy, which may go byte by byte: these are short. */
static inline void te_conv_2d_s16_scalar_copy(int16_t *to, const int16_t *from, int32_t count) {
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i++) {
        int32_t value = from[i];
        TE_NOW(value);
        to[i] = (int16_t)value;
    }
}

/* Sums of `count` channels at four pixels over `taps` taps, to `sums`; added to what is there if `more`.
   Gives the next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s16_scalar_add(const int16_t *x, const int8_t *weights, int32_t taps, int32_t count, int more,
                          int32_t *sums) {
    enum { PIXELS = TE_CONV_2D_SCALAR_FOUR };
    int32_t s[TE_CONV_2D_SCALAR_FOUR][PIXELS];
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        TE_UNROLLED
        for (int32_t j = 0; j < PIXELS; j++)
            s[c][j] = more ? sums[c * PIXELS + j] : 0;
    }
    const int16_t *const end = x + taps;
    TE_UNROLLED_BY_4
    while (x != end) {
        int32_t inputs[PIXELS];
        TE_UNROLLED
        for (int32_t j = 0; j < PIXELS; j++)
            inputs[j] = x[j * TE_CONV_2D_SCALAR_WIDE];
        TE_UNROLLED
        for (int32_t c = 0; c < count; c++) {
            const int32_t weight = weights[c];
            TE_UNROLLED
            for (int32_t j = 0; j < PIXELS; j++) {
                s[c][j] += inputs[j] * weight;
                TE_NOW(s[c][j]);
            }
        }
        x++;
        weights += count;
    }
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        TE_UNROLLED
        for (int32_t j = 0; j < PIXELS; j++)
            sums[c * PIXELS + j] = s[c][j];
    }
    return weights;
}

/* The same of any number of channels: fours, then each that remains. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s16_scalar_block(const int16_t *windows, const int8_t *weights, int32_t taps, int32_t count,
                            int more, int32_t *sums) {
    enum { FOUR = TE_CONV_2D_SCALAR_FOUR };
    const int32_t rest = count % FOUR; /* GCC then knows that it is small, and warns of no overflow */
    for (int32_t c = 0; c < count - rest; c += FOUR)
        weights = te_conv_2d_s16_scalar_add(windows, weights, taps, FOUR, more, sums + c * FOUR);
    for (int32_t c = 0; c < rest; c++)
        weights =
            te_conv_2d_s16_scalar_add(windows, weights, taps, 1, more, sums + (count - rest + c) * FOUR);
    return weights;
}

#endif
