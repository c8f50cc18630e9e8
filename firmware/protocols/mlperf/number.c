/* SPDX-License-Identifier: Apache-2.0 */
/* Takes numbers as scales and floats have them, gives integers. */
#include "number.h"

#define MANTISSA 23
#define BIAS 127

/* Shifts of 64 bits by halves, 0 < by < 64: on small cores they are functions of a library that is not there. */
static uint64_t right(uint64_t value, uint32_t by) {
    const uint32_t high = (uint32_t)(value >> 32);
    const uint32_t low = (uint32_t)value;
    if (by >= 32u) {
        return high >> (by - 32u);
    }
    return (uint64_t)(high >> by) << 32 | (low >> by | high << 1 << (31u - by));
}

static uint64_t left(uint64_t value, uint32_t by) {
    const uint32_t high = (uint32_t)(value >> 32);
    const uint32_t low = (uint32_t)value;
    if (by >= 32u) {
        return (uint64_t)(low << (by - 32u)) << 32;
    }
    return (uint64_t)(high << by | low >> 1 >> (31u - by)) << 32 | low << by;
}

int64_t te_shifted(int64_t value, int32_t shift) {
    const bool negative = value < 0;
    uint64_t size = negative ? 0u - (uint64_t)value : (uint64_t)value;
    if (shift <= -64 || shift >= 64) {
        size = 0;
    } else if (shift < 0) {
        size = left(size, (uint32_t)-shift);
    } else if (shift > 0) {
        const uint64_t twice = shift > 1 ? right(size, (uint32_t)shift - 1u) : size;
        size = (twice >> 1) + (twice & 1u);
    }
    return negative ? -(int64_t)size : (int64_t)size;
}

/* A mantissa of 24 bits times a factor of 32 is below 2^56. */
int32_t te_scaled_float(uint32_t bits, struct te_ratio ratio) {
    const int32_t exponent = (int32_t)(bits >> MANTISSA & 0xFFu);
    const uint32_t mantissa = (bits & ((1u << MANTISSA) - 1u)) | (exponent != 0 ? 1u << MANTISSA : 0u);
    const int32_t shift = ratio.shift + MANTISSA + BIAS - (exponent != 0 ? exponent : 1);
    int64_t size = INT32_MAX;
    if (exponent < 0xFF && shift > -8) {
        size = te_shifted((int64_t)((uint64_t)mantissa * ratio.factor), shift);
    }
    size = size > INT32_MAX ? INT32_MAX : size;
    return (int32_t)((bits >> 31) != 0 ? -size : size);
}

uint64_t te_quotient(uint64_t dividend, uint32_t divisor) {
    uint64_t quotient = 0;
    uint64_t rest = 0;
    for (uint32_t bit = 0; bit < 64u; bit++) {
        rest = rest << 1 | dividend >> 63;
        dividend <<= 1;
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1u;
        }
    }
    return quotient;
}
