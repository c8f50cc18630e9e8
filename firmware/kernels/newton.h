/* SPDX-License-Identifier: Apache-2.0 */
/* Roots and logarithms of 32-bit fixed point, by the steps of TFLite's integer kernels. */
#ifndef TE_NEWTON_H
#define TE_NEWTON_H

#include "kernels/kernel.h"

/* value * 2^bits, saturated. */
static inline int32_t te_shift_saturating(int32_t value, int32_t bits) {
    const int32_t most = INT32_MAX >> bits;
    if (value > most)
        return INT32_MAX;
    return value < -most ? INT32_MIN : value * (1 << bits);
}

/* Zeros before the highest bit of value > 0. */
static inline int32_t te_leading_zeros(int32_t value) {
    int32_t zeros = 1;
    while (value < 1 << 30) {
        value *= 2;
        zeros++;
    }
    return zeros;
}

/* 1 / sqrt(value) = result / 2^31 * 2^*shift for value > 1; 1 for less. */
static inline int32_t te_inverse_root(int32_t value, int32_t *shift) {
    int32_t right = 11;
    *shift = 0;
    if (value <= 1)
        return INT32_MAX;
    for (; value >= 1 << 29; right++)
        value /= 4;
    for (; value < 1 << 27; right--)
        value *= 4;
    /* Newton's iteration in Q3.28. */
    const int32_t half = te_divide_by_power(value >> 1, 1);
    int32_t x = 1 << 28;
    for (int32_t i = 0; i < 5; i++) {
        const int32_t cube = te_shift_saturating(te_multiply_high(te_multiply_high(x, x), x), 6);
        x = te_shift_saturating(te_multiply_high(3 << 27, x) - te_multiply_high(half, cube), 3);
    }
    const int32_t root = te_multiply_high(x, 1518500250); /* times sqrt(1/2) */
    if (right < 0)
        return root * (1 << -right);
    *shift = -right;
    return root;
}

/* 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31. */
static inline int32_t te_one_over_one_plus(int32_t a) {
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 + te_multiply_high(half, -1010580540); /* 48/17 and -32/17 in Q2.29 */
    for (int32_t i = 0; i < 3; i++) {
        const int32_t error = (1 << 29) - te_multiply_high(half, x);
        x += te_shift_saturating(te_multiply_high(x, error), 2);
    }
    return te_shift_saturating(x, 1);
}

/* ln x in Q5.26 for x >= 1 in Q12.19: x is a power of two, or that times sqrt(2), and a factor near 2^(-1/4),
   for whose logarithm a quotient of polynomials stands. */
static inline int32_t te_logarithm(int32_t x) {
    const int32_t root = 1518500250, fourth_root = 1805811301; /* 2^(-1/2) and 2^(-1/4) in Q0.31 */
    const int32_t zeros = te_leading_zeros(x);
    const int32_t plain = te_shift_saturating(x, zeros - 1);
    const int32_t first = te_shift_saturating(te_multiply_high(plain, root), 1);
    const int32_t room = te_leading_zeros(te_multiply_high(x, root)) - 1;
    const int32_t second = te_shift_saturating(x, room);
    const int32_t r = te_min(first, second);
    const int32_t quarter = 1 << 23; /* in Q6.25 */
    const int32_t power = te_max((12 - zeros) * (1 << 25) + quarter, (12 - room) * (1 << 25) - quarter);
    const int32_t p = (int32_t)(((int64_t)r + fourth_root + 1) / 2);
    const int32_t q = 2 * (r - fourth_root);
    const int32_t square = te_multiply_high(q, q);
    /* 11/240, 1/20, 2/s - s and 1/4 of s, for s = 2^(1/4) */
    const int32_t above = te_multiply_high(q, r) + te_multiply_high(te_multiply_high(q, square), 117049297);
    const int32_t below = te_multiply_high(p, 1057819769 + q + te_multiply_high(127690142, square)) +
                          te_multiply_high(638450708, q);
    const int32_t rest = te_multiply_high(te_divide_by_power(above, 6), te_one_over_one_plus(below));
    return te_shift_saturating(te_multiply_high(power, 1488522236) + rest, 1); /* ln 2 */
}

#endif
