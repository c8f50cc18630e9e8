/* SPDX-License-Identifier: Apache-2.0 */
/* Division of 64-bit numbers, for which many cores have neither an instruction nor a library here. */
#ifndef TE_QUOTIENT_H
#define TE_QUOTIENT_H

#include "kernels/kernel.h"

/* value / divisor, rounded down, for 0 < divisor < 2^63; digit by digit in base 2. */
static inline uint64_t te_quotient(uint64_t value, uint64_t divisor) {
    uint64_t rest = 0, quotient = 0;
    for (int32_t bit = 63; bit >= 0; bit--) {
        rest = rest << 1 | (value >> bit & 1);
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    return quotient;
}

/* The same for a value of either sign, rounded toward zero. */
static inline int64_t te_quotient_signed(int64_t value, uint64_t divisor) {
    return value < 0 ? -(int64_t)te_quotient((uint64_t)-value, divisor)
                     : (int64_t)te_quotient((uint64_t)value, divisor);
}

#endif
