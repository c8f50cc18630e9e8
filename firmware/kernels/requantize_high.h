/* SPDX-License-Identifier: Apache-2.0 */
/* Requantisation for cores whose multiplication gives the upper 32 bits of a product; the constants come from
   tinyedge/arithmetic/high.py and bare_line.py. */
#ifndef TE_REQUANTIZE_HIGH_H
#define TE_REQUANTIZE_HIGH_H

#include "kernels/kernel.h"

/* te_requantize(sum, constants[0], 1 - shift) + zero point, for sums below 2^29 and shifts of 2 to 22;
   or a constant, for any sum.

   With v = floor(sum * multiplier / 2^30), the first rounding gives (v + 1) >> 1 and the second, of h to
   h / 2^n, (h + 2^(n - 1) + (h < 0 ? -1 : 0)) >> n. Nested shifts are one: constants[1] holds 1, the doubled
   half and the doubled zero point * 2^n, and shift is n + 1. Where `negative` is 0, results below the zero
   point may come out as others below it. */
static inline int32_t te_requantize_high(int32_t sum, const int32_t *constants, int32_t shift, int negative) {
    int32_t v = te_product_high((int32_t)((uint32_t)sum * 4), constants[0]);
    if (negative)
        v += (v >> 31) * 2; /* of -1 nothing is left either way, as n is at least 1 */
    return (v + constants[1]) >> shift;
}

/* The output for a sum, by the constants of channel c: those of te_requantize_high if `high`, else of
   te_requantize. */
static inline int8_t te_requantize_either_s8(int32_t sum, const int32_t *multiplier, const int8_t *shift,
                                             int32_t c, int high, int32_t zero_point, int32_t least,
                                             int32_t most) {
    const int32_t scaled = high ? te_requantize_high(sum, multiplier + 2 * c, shift[c], least < zero_point)
                                : te_requantize(sum, multiplier[c], shift[c]) + zero_point;
    return (int8_t)te_clamp(scaled, least, most);
}

/* What the sum of channel c begins with: the constants of a line hold its bias. */
static inline int32_t te_line_bias(const int32_t *bias, int32_t c, int lines) { return lines ? 0 : bias[c]; }

/* As te_requantize_either_s8; or if `lines` by the two constants of channel c's line, and the shifts of all
   of them (tinyedge/arithmetic/bare_line.py). */
static inline int8_t te_requantize_line_s8(int32_t sum, const int32_t *multiplier, const int8_t *shift,
                                           int32_t c, int high, int lines, int32_t left, int32_t right,
                                           int32_t zero_point, int32_t least, int32_t most) {
    if (!lines)
        return te_requantize_either_s8(sum, multiplier, shift, c, high, zero_point, least, most);
    const int32_t product = te_product_high((int32_t)((uint32_t)sum << left), multiplier[2 * c]);
    return (int8_t)te_clamp((product + multiplier[2 * c + 1]) >> right, least, most);
}

/* sum * 2^left * multiplier / 2^32 / 2^right + zero_point, rounded down after the multiplication and to the
   nearest at the end. */
static inline int32_t te_requantize_fitted(int32_t sum, int32_t multiplier, int32_t left, int32_t right,
                                           int32_t zero_point) {
    const int32_t product = te_product_high((int32_t)((uint32_t)sum << left), multiplier);
    return (product + zero_point * (1 << right) + ((1 << right) >> 1)) >> right;
}

#endif
