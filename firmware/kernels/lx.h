/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions of Xtensa LX6 and LX7 for a compiler that does not know them: Debian's is for a smaller core.
   Where TE_LX_BYTES is not set, the compiler finds them by itself.

   They are of the form RRR, whose bytes are t << 4, r << 4 | s, op2 << 4 | op1 (Xtensa Instruction Set
   Architecture Reference Manual, "Opcode encodings"); the numbers of the registers that the compiler chose
   come from their names. */
#ifndef TE_LX_H
#define TE_LX_H

#include <stdint.h>

/* Kernels pass their parameters to functions of their own here. What calls of a copy have in common, GCC then
   knows in the copy itself only if it is static. */
#define TE_COMMON static const

#ifdef TE_LX_BYTES
__asm__(".set te_sp, 1\n .set te_a0, 0\n .set te_a2, 2\n .set te_a3, 3\n .set te_a4, 4\n .set te_a5, 5\n"
        ".set te_a6, 6\n .set te_a7, 7\n .set te_a8, 8\n .set te_a9, 9\n .set te_a10, 10\n .set te_a11, 11\n"
        ".set te_a12, 12\n .set te_a13, 13\n .set te_a14, 14\n .set te_a15, 15\n");

#define TE_LX_RRR(code, to, a, b)                                                                            \
    __asm__(".byte te_%2 << 4, te_%0 << 4 | te_%1, " #code : "=r"(to) : "r"(a), "r"(b))

/* MULSH: the upper half of the product */
static inline int32_t te_lx_multiply_high(int32_t a, int32_t b) {
    int32_t high;
    TE_LX_RRR(0xB2, high, a, b);
    return high;
}

/* MAX */
static inline int32_t te_lx_max(int32_t a, int32_t b) {
    int32_t most;
    TE_LX_RRR(0x53, most, a, b);
    return most;
}

/* MIN */
static inline int32_t te_lx_min(int32_t a, int32_t b) {
    int32_t least;
    TE_LX_RRR(0x43, least, a, b);
    return least;
}

static inline int32_t te_lx_clamp(int32_t value, int32_t low, int32_t high) {
    return te_lx_min(te_lx_max(value, low), high);
}

/* MULUH: the upper half of the product without a sign */
static inline uint32_t te_lx_multiply_high_unsigned(uint32_t a, uint32_t b) {
    uint32_t high;
    TE_LX_RRR(0xA2, high, a, b);
    return high;
}

/* NSAU: how many zeros it begins with */
static inline int32_t te_lx_leading_zeros(uint32_t value) {
    int32_t zeros;
    __asm__(".byte te_%0 << 4, 0xF0 | te_%1, 0x40" : "=r"(zeros) : "r"(value));
    return zeros;
}

/* A byte with its sign: L8UI, and SEXT from bit 7 */
static inline int32_t te_lx_byte(const int8_t *from) {
    int32_t byte;
    __asm__(".byte 0, te_%0 << 4 | te_%1, 0x23" : "=r"(byte) : "r"(*(const uint8_t *)from));
    return byte;
}

/* QUOS */
static inline int32_t te_lx_quotient(int32_t a, int32_t b) {
    int32_t quotient;
    TE_LX_RRR(0xD2, quotient, a, b);
    return quotient;
}
#else
static inline int32_t te_lx_quotient(int32_t a, int32_t b) { return a / b; }

static inline int32_t te_lx_max(int32_t a, int32_t b) { return a > b ? a : b; }

static inline int32_t te_lx_min(int32_t a, int32_t b) { return a < b ? a : b; }

static inline uint32_t te_lx_multiply_high_unsigned(uint32_t a, uint32_t b) {
    return (uint32_t)((uint64_t)a * b >> 32);
}

static inline int32_t te_lx_leading_zeros(uint32_t value) { return __builtin_clz(value); }

static inline int32_t te_lx_byte(const int8_t *from) { return *from; }
#endif

#endif
