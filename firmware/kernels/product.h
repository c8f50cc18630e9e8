/* SPDX-License-Identifier: Apache-2.0 */
/* The product of two 32-bit numbers in 64 bits, which requantisation lives on. */
#ifndef TE_PRODUCT_H
#define TE_PRODUCT_H

#include <stdint.h>

#ifdef TE_LX_BYTES
/* The Xtensa LX6 and LX7 have MULSH, the upper half of the product, and Debian's compiler, which is for a smaller
   core, knows neither it nor a way to say it: its bytes are t << 4, r << 4 | s, 0xB2 (Xtensa Instruction Set
   Architecture Reference Manual, MULSH), with the numbers of the registers that the compiler chose. */
__asm__(".set te_sp, 1\n .set te_a0, 0\n .set te_a2, 2\n .set te_a3, 3\n .set te_a4, 4\n .set te_a5, 5\n"
        ".set te_a6, 6\n .set te_a7, 7\n .set te_a8, 8\n .set te_a9, 9\n .set te_a10, 10\n .set te_a11, 11\n"
        ".set te_a12, 12\n .set te_a13, 13\n .set te_a14, 14\n .set te_a15, 15\n");

static inline int32_t te_product_high(int32_t a, int32_t b) {
    int32_t high;
    __asm__(".byte te_%2 << 4, te_%0 << 4 | te_%1, 0xB2" : "=r"(high) : "r"(a), "r"(b));
    return high;
}

static inline int64_t te_product(int32_t a, int32_t b) {
    const uint32_t low = (uint32_t)a * (uint32_t)b;
    return (int64_t)((uint64_t)(uint32_t)te_product_high(a, b) << 32 | low);
}
#else
static inline int64_t te_product(int32_t a, int32_t b) { return (int64_t)a * b; }

static inline int32_t te_product_high(int32_t a, int32_t b) { return (int32_t)(te_product(a, b) >> 32); }
#endif

#endif
