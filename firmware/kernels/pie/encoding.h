/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions of pie.h as bytes, for assemblers that do not know them: Debian's is for a smaller core.

   Where a field of an instruction lies is as the technical reference manual of the ESP32-S3 has it, chapter
   "Processor Instruction Extensions", "Instruction word"; tests/host/test_pie_encoding.py has what an
   assembler that knows them makes of each. Numbers of address registers come from their names. */
#ifndef TE_PIE_ENCODING_H
#define TE_PIE_ENCODING_H

#include <stdint.h>

typedef struct te_pie {
    char unused;
} te_pie;

__asm__(
    /* clang-format off */
    ".set te_pie_sp, 1\n"
    ".irp n, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n .set te_pie_a\\n, \\n\n .endr\n"
    ".macro te_pie_24 word\n .byte (\\word) & 255, (\\word) >> 8 & 255, (\\word) >> 16 & 255\n .endm\n"
    ".macro te_pie_32 word\n te_pie_24 (\\word)\n .byte (\\word) >> 24 & 255\n .endm\n"
    /* 24 bits: a vector in bits 20, 21 and 15, a step of 8 bits in bits 22 and 14 to 8, an address in 7 to 4 */
    ".macro te_pie_at base, as, step, unit\n"
    " te_pie_24 (\\base) | (\\as) << 4 | ((\\step) / (\\unit) & 127) << 8 | ((\\step) / (\\unit) >> 7 & 1) << 22\n"
    ".endm\n"
    ".macro te_pie_vector base, q, as, step\n"
    " te_pie_at (\\base) | (\\q >> 1) << 20 | (\\q & 1) << 15, \\as, \\step, 16\n .endm\n"
    ".macro te_pie_src to, low, high\n"
    " te_pie_24 0xCC0304 | (\\to) << 4 | (\\low) << 12 | (\\high & 1) << 15 | (\\high >> 1) << 20\n .endm\n"
    ".macro te_pie_pair base, a, b\n"
    " te_pie_24 (\\base) | (\\a) << 12 | (\\b & 1) << 15 | (\\b >> 1) << 20\n .endm\n"
    ".macro te_pie_three base, to, x, y\n te_pie_24 (\\base) | (\\to >> 1) << 20 | (\\to & 1) << 15 | (\\x) << 8"
    " | (\\y & 3) << 11 | (\\y >> 2) << 14\n .endm\n"
    /* 32 bits: where to in bits 25, 24 and 19, a step of 6 bits in 27, 26 and 11 to 8, x in 0, 15 and 14, y in
       13, 12 and 23 */
    ".macro te_pie_mac_ld base, to, as, step, x, y\n"
    " te_pie_32 (\\base) | (\\to >> 1) << 24 | (\\to & 1) << 19 | (\\as) << 4 | ((\\step) / 16 & 15) << 8"
    " | ((\\step) / 16 >> 4 & 3) << 26 | (\\x & 3) << 14 | (\\x >> 2) | (\\y >> 1) << 12 | (\\y & 1) << 23\n"
    ".endm\n"
    /* clang-format on */
);

#define TE_PIE_INLINE static inline __attribute__((always_inline))
#define TE_PIE_FENCE() __asm__ volatile("" ::: "memory")

/* EE.VLD.128.IP q, p, step */
#define TE_PIE_VLD(s, q, p, step)                                                                            \
    __asm__ volatile("te_pie_vector 0x830004, " #q ", te_pie_%0, " #step : "+r"(p))
/* EE.VLD.128.XP q, p, by */
#define TE_PIE_VLD_XP(s, q, p, by)                                                                           \
    __asm__ volatile("te_pie_24 0x8D2004 | (" #q " >> 1) << 20 | (" #q " & 1) << 15 | te_pie_%0 << 4"        \
                     " | te_pie_%1 << 8"                                                                     \
                     : "+r"(p)                                                                               \
                     : "r"(by))
/* EE.LD.128.USAR.IP q, p, step: also SAR_BYTE = p % 16 */
#define TE_PIE_VLD_USAR(s, q, p, step)                                                                       \
    __asm__ volatile("te_pie_vector 0x810004, " #q ", te_pie_%0, " #step : "+r"(p))
/* EE.VST.128.IP q, p, step */
#define TE_PIE_VST(s, q, p, step)                                                                            \
    __asm__ volatile("te_pie_vector 0x8A0004, " #q ", te_pie_%0, " #step : "+r"(p)::"memory")
/* EE.SRC.Q to, low, high: 16 bytes of low, then high, from byte SAR_BYTE on */
#define TE_PIE_SRC(s, to, low, high) __asm__ volatile("te_pie_src " #to ", " #low ", " #high)
/* EE.ZERO.Q q */
#define TE_PIE_ZERO(s, q) __asm__ volatile("te_pie_24 0xCD7FA4 | (" #q " >> 1) << 20 | (" #q " & 1) << 15")
/* EE.XORQ to, x, y */
#define TE_PIE_XOR(s, to, x, y)                                                                              \
    __asm__ volatile("te_pie_24 0xCD3104 | (" #to " >> 1) << 20 | (" #to " & 1) << 15 | (" #x " >> 1) << 6"  \
                     " | (" #x " & 1) << 4 | (" #y " >> 1) << 10 | (" #y " & 1) << 5")
/* EE.VZIP.8 a, b: the bytes of both by turns, the first halves to a, the second ones to b */
#define TE_PIE_ZIP(s, a, b) __asm__ volatile("te_pie_pair 0xCC03D4, " #a ", " #b)
/* EE.VUNZIP.8 a, b: bytes at even places to a, at odd ones to b */
#define TE_PIE_UNZIP(s, a, b) __asm__ volatile("te_pie_pair 0xCC03A4, " #a ", " #b)
/* EE.VMAX.S8 and EE.VMIN.S8 to, x, y */
#define TE_PIE_MAX(s, to, x, y) __asm__ volatile("te_pie_three 0x8E2044, " #to ", " #x ", " #y)
#define TE_PIE_MIN(s, to, x, y) __asm__ volatile("te_pie_three 0x8E2074, " #to ", " #x ", " #y)
/* EE.VMAX.S16 and EE.VMIN.S16 to, x, y */
#define TE_PIE_MAX_S16(s, to, x, y) __asm__ volatile("te_pie_three 0x8E2024, " #to ", " #x ", " #y)
#define TE_PIE_MIN_S16(s, to, x, y) __asm__ volatile("te_pie_three 0x8E2054, " #to ", " #x ", " #y)
/* EE.VSUBS.S16 to, x, y: x - y within 16 bits */
#define TE_PIE_SUB_S16(s, to, x, y) __asm__ volatile("te_pie_three 0x8E20D4, " #to ", " #x ", " #y)
/* EE.VCMP.LT.S16 to, x, y: all ones where x < y, else zeros */
#define TE_PIE_LESS_S16(s, to, x, y) __asm__ volatile("te_pie_three 0x8E00F4, " #to ", " #x ", " #y)
/* EE.LD.ACCX.IP p, step */
#define TE_PIE_LD_ACCX(s, p, step) __asm__ volatile("te_pie_at 0x0E0004, te_pie_%0, " #step ", 8" : "+r"(p))
/* RUR.ACCX_0 sum: its lower 32 bits */
#define TE_PIE_ACCX(s, sum) __asm__ volatile("te_pie_24 0xE30000 | te_pie_%0 << 12" : "=r"(sum))
/* RUR.ACCX_1 upper: the 8 above them, with any sign */
#define TE_PIE_ACCX_UPPER(s, upper) __asm__ volatile("te_pie_24 0xE30010 | te_pie_%0 << 12" : "=r"(upper))
/* EE.VMULAS.S8.ACCX.LD.IP to, p, step, x, y: all products of x and y are added, then `to` is loaded */
#define TE_PIE_MAC_LD(s, to, p, step, x, y)                                                                  \
    __asm__ volatile("te_pie_mac_ld 0xF002000E, " #to ", te_pie_%0, " #step ", " #x ", " #y : "+r"(p))
/* EE.VMULAS.S16.ACCX.LD.IP to, p, step, x, y: the same of 8 numbers of 16 bits */
#define TE_PIE_MAC_S16_LD(s, to, p, step, x, y)                                                              \
    __asm__ volatile("te_pie_mac_ld 0xF000000E, " #to ", te_pie_%0, " #step ", " #x ", " #y : "+r"(p))
/* EE.VMULAS.S8.QACC.LD.IP to, p, step, x, y: every lane by itself */
#define TE_PIE_LANES_LD(s, to, p, step, x, y)                                                                \
    __asm__ volatile("te_pie_mac_ld 0xF003000E, " #to ", te_pie_%0, " #step ", " #x ", " #y : "+r"(p))
/* EE.VMULAS.S16.QACC.LD.IP to, p, step, x, y: the same with 8 lanes of 40 bits */
#define TE_PIE_WIDE_LD(s, to, p, step, x, y)                                                                 \
    __asm__ volatile("te_pie_mac_ld 0xF001000E, " #to ", te_pie_%0, " #step ", " #x ", " #y : "+r"(p))
/* EE.SRCMB.S16.QACC q, by, 0: lanes of 40 bits are shifted down, and q is them within 16 bits */
#define TE_PIE_WIDE_SHIFT(s, q, by)                                                                          \
    __asm__ volatile("te_pie_24 0xCD7204 | (" #q " >> 1) << 20 | (" #q                                       \
                     " & 1) << 15 | te_pie_%0 << 4" ::"r"(by))
/* EE.ZERO.QACC */
#define TE_PIE_ZERO_QACC(s) __asm__ volatile("te_pie_24 0x250844")
/* EE.LD.QACC_L.L.128.IP, _L.H.32, _H.L.128 and _H.H.32 */
#define TE_PIE_LD_QACC_LL(s, p, step)                                                                        \
    __asm__ volatile("te_pie_at 0x000004, te_pie_%0, " #step ", 16" : "+r"(p))
#define TE_PIE_LD_QACC_LH(s, p, step)                                                                        \
    __asm__ volatile("te_pie_at 0x160004, te_pie_%0, " #step ", 4" : "+r"(p))
#define TE_PIE_LD_QACC_HL(s, p, step)                                                                        \
    __asm__ volatile("te_pie_at 0x060004, te_pie_%0, " #step ", 16" : "+r"(p))
#define TE_PIE_LD_QACC_HH(s, p, step)                                                                        \
    __asm__ volatile("te_pie_at 0x1E0004, te_pie_%0, " #step ", 4" : "+r"(p))
/* EE.ST.QACC_L.L.128.IP, _L.H.32, _H.L.128 and _H.H.32 */
#define TE_PIE_ST_QACC_LL(s, p, step)                                                                        \
    __asm__ volatile("te_pie_at 0x0C0004, te_pie_%0, " #step ", 16" : "+r"(p)::"memory")
#define TE_PIE_ST_QACC_LH(s, p, step)                                                                        \
    __asm__ volatile("te_pie_at 0x1D0004, te_pie_%0, " #step ", 4" : "+r"(p)::"memory")
#define TE_PIE_ST_QACC_HL(s, p, step)                                                                        \
    __asm__ volatile("te_pie_at 0x0D0004, te_pie_%0, " #step ", 16" : "+r"(p)::"memory")
#define TE_PIE_ST_QACC_HH(s, p, step)                                                                        \
    __asm__ volatile("te_pie_at 0x120004, te_pie_%0, " #step ", 4" : "+r"(p)::"memory")

/* CLAMPS to, value, 7: from -128 to 127 */
static inline int32_t te_pie_clamp(int32_t value) {
    int32_t clamped;
    __asm__("te_pie_24 0x330000 | te_pie_%0 << 12 | te_pie_%1 << 8" : "=r"(clamped) : "r"(value));
    return clamped;
}

/* CLAMPS to, value, 15: from -32768 to 32767 */
static inline int32_t te_pie_clamp_s16(int32_t value) {
    int32_t clamped;
    __asm__("te_pie_24 0x330080 | te_pie_%0 << 12 | te_pie_%1 << 8" : "=r"(clamped) : "r"(value));
    return clamped;
}

/* Four bytes from any address: this core's loads and stores need no alignment, but C's do. */
#define TE_PIE_WORD(word, from, offset)                                                                      \
    __asm__ volatile("l32i %0, %1, " #offset : "=r"(word) : "r"(from) : "memory")

static inline void te_pie_put_word(int8_t *to, uint32_t word) {
    __asm__ volatile("s32i %0, %1, 0" ::"r"(word), "r"(to) : "memory");
}

static inline void te_pie_copy_word(int8_t *to, const int8_t *from) {
    uint32_t word;
    TE_PIE_WORD(word, from, 0);
    te_pie_put_word(to, word);
}

#endif
