/* SPDX-License-Identifier: Apache-2.0 */
/* Softmax over the last dimension. */
#ifndef TE_SOFTMAX_H
#define TE_SOFTMAX_H

#include "kernels/kernel.h"

typedef struct te_softmax {
    int32_t rows, depth; /* depth below 4096 for 8-bit input */
    int32_t exps;        /* 8-bit input: entries of the table */
    int32_t multiplier;  /* 16-bit input: of te_requantize, from steps of the input to steps of 10 / 65535 */
    int32_t shift;
} te_softmax;

/* 8-bit input: exp[d] = e^(-d * scale * beta) in Q0.31, d being the distance from the row's largest input; 0
   from `exps` on. Output s8: in units of 1/256 with zero point -128; s16: of 1/65536 with zero point -32768.
   16-bit input: exp and reciprocal have 513 points of e^x over [-10, 0] and of 1 / (1 + x) over [0, 1], in
   Q0.15.

   Order: rows ascending; a row is read whole at least once before its first output is written, and element by
   element ahead of its output after that. `out` may be `in`, or lie below it, by rows * depth - 1 bytes where
   it is wider. */
typedef void te_softmax_s8_fn(const te_softmax *p, const int8_t *in, const int32_t *exp, int8_t *out);
typedef void te_softmax_s8_s16_fn(const te_softmax *p, const int8_t *in, const int32_t *exp, int16_t *out);
typedef void te_softmax_s16_fn(const te_softmax *p, const int16_t *in, const int16_t *exp,
                               const int16_t *reciprocal, int16_t *out);

/* What an element is to be multiplied by: 1 / (sum of the row) = scale / 2^31 / 2^bits. */
typedef struct te_softmax_row {
    int32_t max, scale, bits;
} te_softmax_row;

static inline int32_t te_softmax_exp(const te_softmax *p, const int32_t *exp, int32_t distance) {
    return distance < p->exps ? exp[distance] : 0;
}

/* 1 / (1 + x) for x in [0, 1), both Q0.31: three steps of Newton and Raphson from 48/17 - 32/17 * (1 + x)
 * / 2. */
static inline int32_t te_softmax_reciprocal(int32_t x) {
    const int32_t half = (x >> 1) + (1 << 30);
    int32_t guess = 1515870810 + te_multiply_high(half, -1010580540); /* Q2.29 */
    for (int32_t i = 0; i < 3; i++) {
        const int32_t rest = (1 << 29) - te_multiply_high(half, guess);
        guess += te_multiply_high(guess, rest) * 4;
    }
    return guess >= 1 << 30 ? INT32_MAX : guess * 2;
}

static inline te_softmax_row te_softmax_measure(const te_softmax *p, const int8_t *in, const int32_t *exp) {
    te_softmax_row row = {INT8_MIN, 0, 12};
    for (int32_t i = 0; i < p->depth; i++)
        row.max = te_max(row.max, in[i]);
    uint32_t sum = 0; /* Q12.19 */
    for (int32_t i = 0; i < p->depth; i++)
        sum += ((uint32_t)te_softmax_exp(p, exp, row.max - in[i]) + (1 << 11)) >> 12;
    for (; sum < UINT32_C(1) << 31; sum <<= 1)
        row.bits--;
    row.scale = te_softmax_reciprocal((int32_t)(sum - (UINT32_C(1) << 31)));
    return row;
}

/* Element `value` of the row as an unsigned number of `width` bits (which may be exceeded by 1). */
static inline int32_t te_softmax_element(const te_softmax *p, const int32_t *exp, te_softmax_row row,
                                         int32_t value, int32_t width) {
    const int32_t right = row.bits + 31 - width;
    const int32_t share = te_multiply_high(row.scale, te_softmax_exp(p, exp, row.max - value));
    /* A share is below 2^31, so half of 2^32 at most. */
    return right > 31 ? 0 : (int32_t)(((uint32_t)share + (UINT32_C(1) << right >> 1)) >> right);
}

/* A function given at 513 points, 128 apart, between them on a straight line. */
static inline int32_t te_softmax_interpolate(const int16_t *points, int32_t x) {
    const int16_t *point = points + 256 + (x >> 7);
    const int32_t slope = point[1] - point[0];
    return point[0] + ((slope * (x & 127) + 64) >> 7);
}

#endif
