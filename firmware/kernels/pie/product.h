/* SPDX-License-Identifier: Apache-2.0 */
/* Products of eight pairs of int16 and their requantisation, in lanes of 40 bits of the ESP32-S3's vectors: the
   steps of te_requantize themselves.

   A lane multiplies 16 bits by 16. With product = 2^15 * a + b, b not being negative, and multiplier = 2^16 * c + d,
   d having a sign, product * multiplier is ((b * d / 2^15 + a * d + 2 * b * c) / 2^16 + a * c) * 2^31 but for what
   is shifted out. Half is added first, so that what is shifted out is what te_multiply_high leaves out, too.

   `vectors` are those of eight numbers: for int8, 128 in every byte and both zero points less -128; then -2^15, d, c,
   two factors of half of what the last shift takes off and the zero point, 1, 0, the least and the largest output. */
#ifndef TE_PIE_PRODUCT_H
#define TE_PIE_PRODUCT_H

#include "kernels/pie/mul.h"
#include "kernels/pie/pie.h"

/* Outputs of the pairs in Qa and Qb, neither of which is one of Q4 to Q7, in Qa. Less, Q4 to Q7 and Qb are lost.
   `next` is at -2^15; `right` is the last shift, and results below 0 are rounded as such if `negative`. */
#define TE_PIE_PRODUCTS(s, a, b, next, right, negative, limited)                                             \
    do {                                                                                                     \
        TE_PIE_ZERO_QACC(s);                                                                                 \
        TE_PIE_WIDE_LD(s, 7, next, 16, a, b);                                                                \
        TE_PIE_WIDE_SHIFT(s, 4, 15);                                                                         \
        TE_PIE_ZERO_QACC(s);                                                                                 \
        TE_PIE_WIDE_LD(s, 6, next, 16, a, b);                                                                \
        TE_PIE_WIDE_LD(s, 5, next, 16, 4, 7);                                                                \
        TE_PIE_WIDE_SHIFT(s, a, 0);                                                                          \
        /* Now Qa and Q4 are the product, Q5 and Q6 the multiplier; 2^30 are half. */                        \
        TE_PIE_ZERO_QACC(s);                                                                                 \
        TE_PIE_WIDE_LD(s, 7, next, 16, 7, 7);                                                                \
        TE_PIE_WIDE_LD(s, b, next, 0, a, 6);                                                                 \
        TE_PIE_WIDE_SHIFT(s, b, 15);                                                                         \
        TE_PIE_WIDE_LD(s, 6, next, 16, 4, 6);                                                                \
        TE_PIE_WIDE_LD(s, b, next, 0, a, 5);                                                                 \
        TE_PIE_WIDE_LD(s, b, next, 16, a, 5);                                                                \
        TE_PIE_WIDE_SHIFT(s, a, 16);                                                                         \
        TE_PIE_WIDE_LD(s, 5, next, 16, 4, 5);                                                                \
        /* Q7 and Q6 are the factors, Qb is 1, Q5 is 0. */                                                   \
        if (negative) {                                                                                      \
            TE_PIE_WIDE_SHIFT(s, a, 0);                                                                      \
            TE_PIE_LESS_S16(s, a, a, 5);                                                                     \
            TE_PIE_WIDE_LD(s, 5, next, 0, a, b);                                                             \
        }                                                                                                    \
        TE_PIE_WIDE_LD(s, 5, next, 16, 7, 6);                                                                \
        TE_PIE_WIDE_SHIFT(s, a, right);                                                                      \
        if (limited) {                                                                                       \
            TE_PIE_MAX_S16(s, a, a, 5);                                                                      \
            TE_PIE_VLD(s, 5, next, 0);                                                                       \
            TE_PIE_MIN_S16(s, a, a, 5);                                                                      \
        }                                                                                                    \
    } while (0)

#endif
