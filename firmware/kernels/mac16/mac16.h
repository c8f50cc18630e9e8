/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of products on Xtensa's 16-bit multiplier with accumulation, one instruction a product.

   MULA.DD.*.LDINC multiplies halves of two registers of its own, M0 or M1 and M2 or M3, adds to 40 bits, and
   loads the next of them meanwhile (Xtensa Instruction Set Architecture Reference Manual, "MAC16 Option").
   Inputs are 256 times themselves, so that a byte that is stored at an odd address needs no sign; weights are
   u = weight + 128, 0 to 255, so that they need none either. 40 bits hold 2^16 such products.

   An interrupt must keep ACCLO, ACCHI, M0 to M3 and the loop's registers, as FreeRTOS does; our own firmware
   has none. Instructions are bytes, since Debian's assembler is for a smaller core; those of MAC16 take their
   registers from where a function has its arguments. With TE_MAC16_MODEL all of it is C, for any machine. */
#ifndef TE_MAC16_H
#define TE_MAC16_H

#include "kernels/kernel.h"
#include "kernels/unrolled.h"

enum {
    TE_MAC16_FOUR = 4,  /* weights of a word, and products of a turn of a loop */
    TE_MAC16_ITEM = 2,  /* bytes of an input */
    TE_MAC16_GAP = 4,   /* bytes behind a window or row, which are read and not used */
    TE_MAC16_ZERO = 128 /* what a weight of zero is */
};

/* A word of four weights has those of inputs 0, 2, 1 and 3 in bytes 0 to 3: two masks make pairs of them. */
#define TE_MAC16_PAIR UINT32_C(0x00FF00FF)

/* `count` bytes become inputs; gives where the next ones go. What is not written stays zero. */
static inline int8_t *te_mac16_widen(int8_t *to, const int8_t *from, int32_t count) {
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i++)
        to[i * TE_MAC16_ITEM + 1] = from[i];
    return to + count * TE_MAC16_ITEM;
}

/* The same for a byte that is repeated. */
static inline int8_t *te_mac16_fill(int8_t *to, int8_t byte, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        to[i * TE_MAC16_ITEM + 1] = byte;
    return to + count * TE_MAC16_ITEM;
}

/* The row of halfwords that `fours` words of weights are. */
static inline void te_mac16_unpack(const int8_t *weights, int32_t fours, int8_t *row) {
    const uint32_t *word = (const void *)weights;
    uint32_t *to = (void *)row;
    for (int32_t i = 0; i < fours; i++) {
        to[2 * i] = word[i] & TE_MAC16_PAIR;
        to[2 * i + 1] = word[i] >> 8 & TE_MAC16_PAIR;
    }
}

#ifndef TE_MAC16_MODEL
__asm__(".macro te_mac16 word\n .byte (\\word) & 255, (\\word) >> 8 & 255, "
        "(\\word) >> 16 & 255\n .endm\n");

/* sums[i] = sum of input * u over 4 * fours of both, for each of `count` windows one behind the other. All
   are at multiples of 4. A function of its own: the compiler might want the loop's registers around it. */
static __attribute__((noinline, unused)) void te_mac16_dots(const int8_t *windows, const int8_t *row,
                                                            int32_t fours, int32_t count, int32_t *sums) {
    register const int8_t *x __asm__("a2") = windows - 4; /* an address is counted up, then used */
    register const int8_t *w __asm__("a3") = row - 4;
    register int32_t turns __asm__("a4") = fours;
    register int32_t left __asm__("a5") = count;
    register int32_t *to __asm__("a6") = sums;
    register int32_t zero __asm__("a8") = 0;
    /* The loop's first instruction is at a multiple of 8; what fills up is none. */
    __asm__ volatile(" ssai 8\n"
                     " j 1f\n"
                     " .balign 8\n"
                     "1: _mov.n a7, a3\n"
                     " _addi.n a5, a5, -1\n"
                     " te_mac16 0x740884\n"               /* mul.aa.ll a8, a8 */
                     " te_mac16 0x800204\n"               /* ldinc m0, a2 */
                     " te_mac16 0x802704\n"               /* ldinc m2, a7 */
                     "2: .byte 0x76, 0x84, 3f - 2b - 4\n" /* loop a4, 3f */
                     " te_mac16 0x081204\n"               /* mula.dd.ll.ldinc m1, a2, m0, m2 */
                     " te_mac16 0x0B3704\n"               /* mula.dd.hh.ldinc m3, a7, m0, m2 */
                     " te_mac16 0x084244\n"               /* mula.dd.ll.ldinc m0, a2, m1, m3 */
                     " te_mac16 0x0B6744\n"               /* mula.dd.hh.ldinc m2, a7, m1, m3 */
                     "3: te_mac16 0x031090\n"             /* rsr.acclo a9 */
                     " te_mac16 0x0311A0\n"               /* rsr.acchi a10 */
                     " src a9, a10, a9\n"
                     " s32i a9, a6, 0\n"
                     " addi a6, a6, 4\n"
                     " bnez a5, 1b\n"
                     : "+r"(x), "+r"(left), "+r"(to)
                     : "r"(w), "r"(turns), "r"(zero)
                     : "a7", "a9", "a10", "memory");
}

/* The same for one window, and weights as they are in flash. */
static __attribute__((noinline, unused)) int32_t te_mac16_dot(const int8_t *window, const int8_t *weights,
                                                              int32_t fours) {
    register const int8_t *x __asm__("a2") = window - 4;
    register const int8_t *w __asm__("a3") = weights;
    register int32_t turns __asm__("a4") = fours;
    register uint32_t mask __asm__("a5") = TE_MAC16_PAIR;
    register int32_t sum __asm__("a9");
    register int32_t zero __asm__("a8") = 0;
    __asm__ volatile(" ssai 8\n"
                     " j 1f\n"
                     " .balign 8\n"
                     "1: _mov.n a10, a8\n"
                     " te_mac16 0x740884\n" /* mul.aa.ll a8, a8 */
                     " te_mac16 0x800204\n" /* ldinc m0, a2 */
                     " _nop.n\n"
                     " _nop\n"
                     "2: .byte 0x76, 0x84, 3f - 2b - 4\n" /* loop a4, 3f */
                     " _l32i a6, a3, 0\n"
                     " _addi a3, a3, 4\n"
                     " _and a7, a6, a5\n"
                     " _srli a6, a6, 8\n"
                     " te_mac16 0x481274\n" /* mula.da.ll.ldinc m1, a2, m0, a7 */
                     " te_mac16 0x6B0074\n" /* mula.da.hh m0, a7 */
                     " _and a6, a6, a5\n"
                     " te_mac16 0x484264\n"   /* mula.da.ll.ldinc m0, a2, m1, a6 */
                     " te_mac16 0x6B4064\n"   /* mula.da.hh m1, a6 */
                     "3: te_mac16 0x031090\n" /* rsr.acclo a9 */
                     " te_mac16 0x0311A0\n"   /* rsr.acchi a10 */
                     " src a9, a10, a9\n"
                     : "+r"(x), "+r"(w), "=r"(sum)
                     : "r"(turns), "r"(mask), "r"(zero)
                     : "a6", "a7", "a10", "memory");
    return sum;
}
#else
static inline int32_t te_mac16_product(const int8_t *window, uint32_t pair, int32_t four, int32_t half) {
    int16_t inputs[2];
    memcpy(inputs, window + 4 * (2 * four + half), sizeof inputs);
    return inputs[0] / 256 * (int32_t)(pair & 0xFFFF) + inputs[1] / 256 * (int32_t)(pair >> 16);
}

static inline void te_mac16_dots(const int8_t *windows, const int8_t *row, int32_t fours, int32_t count,
                                 int32_t *sums) {
    for (int32_t i = 0; i < count; i++) {
        sums[i] = 0;
        for (int32_t four = 0; four < fours; four++) {
            uint32_t pairs[2];
            memcpy(pairs, row + 8 * four, sizeof pairs);
            sums[i] += te_mac16_product(windows, pairs[0], four, 0);
            sums[i] += te_mac16_product(windows, pairs[1], four, 1);
        }
        windows += 8 * fours + TE_MAC16_GAP;
    }
}

static inline int32_t te_mac16_dot(const int8_t *window, const int8_t *weights, int32_t fours) {
    int32_t sum = 0;
    for (int32_t four = 0; four < fours; four++) {
        uint32_t word;
        memcpy(&word, weights + TE_MAC16_FOUR * four, sizeof word);
        sum += te_mac16_product(window, word & TE_MAC16_PAIR, four, 0);
        sum += te_mac16_product(window, word >> 8 & TE_MAC16_PAIR, four, 1);
    }
    return sum;
}
#endif

#endif
