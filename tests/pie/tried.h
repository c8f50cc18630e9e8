/* SPDX-License-Identifier: Apache-2.0 */
/* Every macro of kernels/pie/pie.h on some bytes, and the sums of kernels/mac16/mac16.h, for
   tests/emulated/test_pie_model.py: registers and pointers afterwards. `in` is 512 bytes, `out` 512, both at
   multiples of 16; what accumulates starts from in + 256. */
#ifndef TRIED_H
#define TRIED_H

#include "kernels/mac16/mac16.h"
#include "kernels/pie/pie.h"

static inline void put(int8_t *out, int32_t at, uint32_t word) { memcpy(out + at, &word, 4); }

/* Two windows of 16 inputs, and 16 weights. */
static inline void sums(const int8_t *in, int8_t *out) {
    enum { INPUTS = 16, SIZE = INPUTS * TE_MAC16_ITEM + TE_MAC16_GAP };
    _Alignas(4) int8_t windows[2 * SIZE] = {0}, row[SIZE];
    int32_t made[2];
    te_mac16_widen(windows, in, INPUTS);
    te_mac16_fill(te_mac16_widen(windows + SIZE, in + INPUTS, INPUTS - 3), in[2 * INPUTS], 3);
    te_mac16_unpack(in + 64, INPUTS / TE_MAC16_FOUR, row);
    te_mac16_dots(windows, row, INPUTS / TE_MAC16_FOUR, 2, made);
    put(out, 448, (uint32_t)made[0]);
    put(out, 452, (uint32_t)made[1]);
    put(out, 456, (uint32_t)te_mac16_dot(windows + SIZE, in + 64, INPUTS / TE_MAC16_FOUR));
}

/* Q0 to Q7 to `to`, which moves on. */
#define STORE_REGISTERS(s, to)                                                                               \
    do {                                                                                                     \
        TE_PIE_VST(s, 0, to, 16);                                                                            \
        TE_PIE_VST(s, 1, to, 16);                                                                            \
        TE_PIE_VST(s, 2, to, 16);                                                                            \
        TE_PIE_VST(s, 3, to, 16);                                                                            \
        TE_PIE_VST(s, 4, to, 16);                                                                            \
        TE_PIE_VST(s, 5, to, 16);                                                                            \
        TE_PIE_VST(s, 6, to, 16);                                                                            \
        TE_PIE_VST(s, 7, to, 16);                                                                            \
    } while (0)
/* QACC from `p`, which moves on. */
#define LOAD_SUMS(s, p)                                                                                      \
    do {                                                                                                     \
        TE_PIE_LD_QACC_LL(s, p, 16);                                                                         \
        TE_PIE_LD_QACC_HL(s, p, 16);                                                                         \
        TE_PIE_LD_QACC_LH(s, p, 4);                                                                          \
        TE_PIE_LD_QACC_HH(s, p, 12);                                                                         \
    } while (0)
/* QACC to `to`, which moves on. */
#define STORE_SUMS(s, to)                                                                                    \
    do {                                                                                                     \
        TE_PIE_ST_QACC_LL(s, to, 16);                                                                        \
        TE_PIE_ST_QACC_LH(s, to, 16);                                                                        \
        TE_PIE_ST_QACC_HL(s, to, 16);                                                                        \
        TE_PIE_ST_QACC_HH(s, to, 4);                                                                         \
    } while (0)

static __attribute__((noinline)) void tried(const int8_t *in, int8_t *out) {
    te_pie te = {0};
    te_pie *s = &te;
    const int8_t *p = in + 32;
    int8_t *to = out;
    int32_t sum = 0, lower = 0, upper = 0;
    uint32_t word;

    (void)s;
    sums(in, out);
    TE_PIE_FENCE();
    TE_PIE_VLD(s, 0, p, 16);
    TE_PIE_VLD(s, 1, p, -32);
    TE_PIE_VLD(s, 2, p, 64);
    TE_PIE_VLD_XP(s, 3, p, (int32_t)(in[0] & 15));
    TE_PIE_VLD_USAR(s, 4, p, 16);
    TE_PIE_VLD(s, 5, p, 16);
    TE_PIE_SRC(s, 6, 4, 5);
    TE_PIE_SRC(s, 4, 4, 5); /* in place */
    put(out, 256, (uint32_t)(p - in));
    p = in + 256;
    TE_PIE_LD_ACCX(s, p, 24);
    put(out, 260, (uint32_t)(p - in));
    TE_PIE_VLD(s, 7, p, 16);
    TE_PIE_MAC_LD(s, 7, p, 16, 0, 7);
    TE_PIE_MAC_LD(s, 7, p, -16, 1, 7);
    TE_PIE_MAC_LD(s, 5, p, 16, 6, 2); /* in + 296 is no multiple of 16 */
    TE_PIE_ACCX(s, sum);
    put(out, 264, (uint32_t)(p - in));
    put(out, 268, (uint32_t)sum);
    p = in + 320;
    LOAD_SUMS(s, p);
    TE_PIE_LANES_LD(s, 7, p, 16, 3, 7);
    TE_PIE_LANES_LD(s, 7, p, 16, 6, 7);
    TE_PIE_LANES_LD(s, 7, p, -32, 7, 4);
    put(out, 272, (uint32_t)(p - in));
    STORE_REGISTERS(s, to);
    STORE_SUMS(s, to);
    put(out, 276, (uint32_t)(to - out));
    /* Lanes of 40 bits, from the same bytes. */
    p = in + 320;
    LOAD_SUMS(s, p);
    TE_PIE_WIDE_LD(s, 0, p, 16, 3, 7);
    TE_PIE_WIDE_LD(s, 7, p, -32, 7, 0);
    put(out, 296, (uint32_t)(p - in));
    TE_PIE_WIDE_SHIFT(s, 5, in[4] & 31);
    TE_PIE_WIDE_SHIFT(s, 3, in[5] & 7);
    TE_PIE_XOR(s, 2, 0, 7);
    TE_PIE_ZIP(s, 1, 4);
    TE_PIE_UNZIP(s, 6, 0);
    TE_PIE_MAX(s, 7, 1, 6);
    TE_PIE_MIN(s, 1, 1, 6);
    to = out + 304;
    STORE_REGISTERS(s, to);
    TE_PIE_ZERO(s, 0);
    TE_PIE_VST(s, 0, to, 32);
    TE_PIE_MAX_S16(s, 0, 1, 7);
    TE_PIE_VST(s, 0, to, 16);
    TE_PIE_MIN_S16(s, 0, 2, 6);
    TE_PIE_VST(s, 0, to, 16);
    /* One vector for what remains. */
    TE_PIE_SUB_S16(s, 0, 7, 2);
    TE_PIE_LESS_S16(s, 2, 5, 4);
    TE_PIE_XOR(s, 0, 0, 2);
    TE_PIE_ZERO_QACC(s);
    TE_PIE_WIDE_LD(s, 7, p, 0, 1, 4);
    TE_PIE_WIDE_SHIFT(s, 1, 16);
    TE_PIE_XOR(s, 0, 0, 1);
    TE_PIE_VST(s, 0, to, 0);
    p = in + (in[1] & 15);
    TE_PIE_WORD(word, p, 4);
    put(out, 280, word);
    p = in + 256;
    TE_PIE_LD_ACCX(s, p, 8);
    TE_PIE_MAC_S16_LD(s, 7, p, 16, 3, 7);
    TE_PIE_MAC_S16_LD(s, 5, p, -16, 7, 4);
    TE_PIE_ACCX(s, lower);
    TE_PIE_ACCX_UPPER(s, upper);
    put(out, 300, (uint32_t)lower ^ (uint32_t)upper << 24);
    p = in + (in[1] & 15);
    te_pie_copy_word(out + 284 + (in[2] & 3), p);
    put(out, 292, (uint32_t)te_pie_clamp(sum >> (in[3] & 31)));
}

#endif
