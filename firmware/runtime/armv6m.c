/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the arithmetic that Arm v6-M has no instruction for, by the names of Arm's run-time ABI (IHI
 * 0043, 4.2 and 4.3.1). GCC brings its own. */
#include "hal.h"

#if HAL_FREESTANDING && defined(__clang__) && defined(__ARM_EABI__) && __ARM_ARCH == 6

uint64_t __aeabi_lmul(uint64_t left, uint64_t right);
uint64_t __aeabi_uidivmod(uint32_t number, uint32_t by);
uint32_t __aeabi_uidiv(uint32_t number, uint32_t by);
uint64_t __aeabi_idivmod(int32_t number, int32_t by);
int32_t __aeabi_idiv(int32_t number, int32_t by);
uint64_t __aeabi_llsl(uint64_t value, int count);
uint64_t __aeabi_llsr(uint64_t value, int count);
uint64_t __aeabi_lasr(uint64_t value, int count);

static uint64_t pair(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

/* The core multiplies 32 by 32 bits and keeps the lower 32, so that only halves can be multiplied whole. */
uint64_t __aeabi_lmul(uint64_t left, uint64_t right) {
    const uint32_t a = (uint32_t)left;
    const uint32_t b = (uint32_t)right;
    const uint32_t low = (a & 0xFFFFu) * (b & 0xFFFFu);
    const uint32_t middle = (a >> 16) * (b & 0xFFFFu) + (low >> 16);
    const uint32_t other = (a & 0xFFFFu) * (b >> 16) + (middle & 0xFFFFu);
    const uint32_t high = (a >> 16) * (b >> 16) + (middle >> 16) + (other >> 16);
    return pair(other << 16 | (low & 0xFFFFu),
                high + a * (uint32_t)(right >> 32) + (uint32_t)(left >> 32) * b);
}

/* Quotient below, remainder above; by 0, the largest quotient. */
uint64_t __aeabi_uidivmod(uint32_t number, uint32_t by) {
    uint32_t quotient = 0;
    uint32_t rest = 0;
    for (uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
        const uint32_t out = rest >> 31; /* the 33rd bit, with a divisor above 2^31 */
        rest = rest << 1 | ((number & bit) != 0);
        if (out != 0 || rest >= by) {
            rest -= by;
            quotient |= bit;
        }
    }
    return pair(quotient, rest);
}

uint32_t __aeabi_uidiv(uint32_t number, uint32_t by) { return (uint32_t)__aeabi_uidivmod(number, by); }

static uint32_t size(int32_t value) { return value < 0 ? 0u - (uint32_t)value : (uint32_t)value; }

/* Rounded towards zero; the remainder has the number's sign. */
uint64_t __aeabi_idivmod(int32_t number, int32_t by) {
    const uint64_t both = __aeabi_uidivmod(size(number), size(by));
    const uint32_t quotient = (uint32_t)both;
    const uint32_t rest = (uint32_t)(both >> 32);
    return pair((number ^ by) < 0 ? 0u - quotient : quotient, number < 0 ? 0u - rest : rest);
}

int32_t __aeabi_idiv(int32_t number, int32_t by) { return (int32_t)(uint32_t)__aeabi_idivmod(number, by); }

/* Shifts of 64 bits, by 0 to 63. A shift of a word by 32 or more is not C's: two steps make one. */
uint64_t __aeabi_llsl(uint64_t value, int count) {
    const uint32_t low = (uint32_t)value;
    const uint32_t high = (uint32_t)(value >> 32);
    return count >= 32 ? pair(0, low << (count - 32))
                       : pair(low << count, high << count | low >> 1 >> (31 - count));
}

uint64_t __aeabi_llsr(uint64_t value, int count) {
    const uint32_t low = (uint32_t)value;
    const uint32_t high = (uint32_t)(value >> 32);
    return count >= 32 ? pair(high >> (count - 32), 0)
                       : pair(low >> count | high << 1 << (31 - count), high >> count);
}

uint64_t __aeabi_lasr(uint64_t value, int count) {
    const uint32_t low = (uint32_t)value;
    const int32_t high = (int32_t)(uint32_t)(value >> 32);
    return count >= 32 ? pair((uint32_t)(high >> (count - 32)), (uint32_t)(high >> 31))
                       : pair(low >> count | (uint32_t)high << 1 << (31 - count), (uint32_t)(high >> count));
}

#endif
