/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of two output pixels, and the products of four channels' weights with them, in instructions: a
   compiler does not find how fourteen registers suffice. */
#ifndef TE_DSP_QUAD_H
#define TE_DSP_QUAD_H

#include "kernels/dsp/conv_2d.h"

_Static_assert(TE_CONV_2D_DSP_LONG % 8 == 0, "what fills a window goes in steps of 8 taps");

enum {
    TE_CONV_2D_QUAD_CODE = 14 * 4, /* bytes of the instructions for two taps */
    TE_CONV_2D_QUAD_WORDS = 2,     /* of weights, for two taps */
    TE_CONV_2D_QUAD_CONSTANTS =
        12 /* words beside the weights of four channels, and one of shifts if `high` */
};

/* Twos of a turn over the taps. */
#ifdef __OPTIMIZE_SIZE__
enum { TE_CONV_2D_QUAD_TURN = 16 };
#define TE_CONV_2D_QUAD_TURNS TE_CONV_2D_QUAD_EIGHT TE_CONV_2D_QUAD_EIGHT
#else
enum { TE_CONV_2D_QUAD_TURN = 32 };
#define TE_CONV_2D_QUAD_TURNS                                                                                \
    TE_CONV_2D_QUAD_EIGHT TE_CONV_2D_QUAD_EIGHT TE_CONV_2D_QUAD_EIGHT TE_CONV_2D_QUAD_EIGHT
#endif

/* Two pixels and their inputs, widened: the last of those in use lie at the end. What fills them goes in
   steps that may end behind them, in `room`. */
typedef struct te_conv_2d_s8_dsp_quad {
    _Alignas(4) int16_t wide[TE_CONV_2D_DSP_PIXELS][TE_CONV_2D_DSP_LONG];
    int32_t room[2];
    const int16_t *x; /* where the first pixel's begin */
    int32_t skip;     /* bytes of code that the first turn over all but two taps leaves out */
    int32_t high;     /* as of te_conv_2d_dsp */
    int8_t *to[TE_CONV_2D_DSP_PIXELS]; /* outputs of the next channels */
    const int8_t *last;                /* behind the group's weights */
} te_conv_2d_s8_dsp_quad;

/* clang-format off */
/* Two taps: 16 products in 15 cycles, of which the four loads are 5. A word holds, twice, the weight of a
   second channel times 256 plus that of a first: products with all of it, and with the first alone. */
#define TE_CONV_2D_QUAD_LOAD                         \
    "ldr %[a], [%[w]], #4\n\t"                       \
    "ldr r7, [%[w]], #4\n\t"                        \
    "ldr %[x1], [%[x], %[beside]]\n\t"               \
    "ldr %[x0], [%[x]], #4\n\t"
#define TE_CONV_2D_QUAD_PAIR(word, first, second)    \
    "smlad %[" second "0], " word ", %[x0], %[" second "0]\n\t" \
    "smlad %[" second "1], " word ", %[x1], %[" second "1]\n\t" \
    "sxtb16 " word ", " word "\n\t"                  \
    "smlad %[" first "0], " word ", %[x0], %[" first "0]\n\t"   \
    "smlad %[" first "1], " word ", %[x1], %[" first "1]\n\t"
#define TE_CONV_2D_QUAD_STEP \
    TE_CONV_2D_QUAD_LOAD TE_CONV_2D_QUAD_PAIR("%[a]", "s0", "s1") TE_CONV_2D_QUAD_PAIR("r7", "s2", "s3")
#define TE_CONV_2D_QUAD_EIGHT \
    TE_CONV_2D_QUAD_STEP TE_CONV_2D_QUAD_STEP TE_CONV_2D_QUAD_STEP TE_CONV_2D_QUAD_STEP \
    TE_CONV_2D_QUAD_STEP TE_CONV_2D_QUAD_STEP TE_CONV_2D_QUAD_STEP TE_CONV_2D_QUAD_STEP
/* The first two, where the sums of the first pixel are what those of both begin with. */
#define TE_CONV_2D_QUAD_PAIR_BEGINS(word, first, second) \
    "smlad %[" second "1], " word ", %[x1], %[" second "0]\n\t" \
    "smlad %[" second "0], " word ", %[x0], %[" second "0]\n\t" \
    "sxtb16 " word ", " word "\n\t"                  \
    "smlad %[" first "1], " word ", %[x1], %[" first "0]\n\t"   \
    "smlad %[" first "0], " word ", %[x0], %[" first "0]\n\t"
#define TE_CONV_2D_QUAD_BEGIN \
    TE_CONV_2D_QUAD_LOAD TE_CONV_2D_QUAD_PAIR_BEGINS("%[a]", "s0", "s1") \
    TE_CONV_2D_QUAD_PAIR_BEGINS("r7", "s2", "s3")

/* What is done to the sums of a channel at both pixels. */
#define TE_CONV_2D_QUAD_BOTH(step, sum, with) step(sum "0", with) step(sum "1", with)
#define TE_CONV_2D_QUAD_DOUBLE(sum, by)       "lsl %[" sum "], %[" sum "], #" by "\n\t"
#define TE_CONV_2D_QUAD_SHIFT(sum, by)        "asr %[" sum "], %[" sum "], %[" by "]\n\t"
#define TE_CONV_2D_QUAD_CUT(sum, bits)        "ssat %[" sum "], #" bits ", %[" sum "]\n\t"
#define TE_CONV_2D_QUAD_CLAMP(sum, by)        "ssat %[" sum "], #8, %[" sum "], asr %[" by "]\n\t"
#define TE_CONV_2D_QUAD_APART(first, second)             \
    "sub %[" second "0], %[" second "0], %[" first "0]\n\t" \
    "sub %[" second "1], %[" second "1], %[" first "1]\n\t"
/* Multipliers of two channels, then what is added to their products. */
#define TE_CONV_2D_QUAD_NEXT                             \
    "ldr %[x0], [%[w]], #4\n\t"                          \
    "ldr %[x1], [%[w]], #4\n\t"                          \
    "ldr %[a], [%[w]], #4\n\t"                           \
    "ldr r7, [%[w]], #4\n\t"
#define TE_CONV_2D_QUAD_SCALE(sum, multiplier, added)    \
    "smmla %[" sum "0], %[" sum "0], %[" multiplier "], " added "\n\t" \
    "smmla %[" sum "1], %[" sum "1], %[" multiplier "], " added "\n\t"
#define TE_CONV_2D_QUAD_SCALES(first, second)            \
    TE_CONV_2D_QUAD_NEXT                                 \
    TE_CONV_2D_QUAD_SCALE(first, "x0", "%[a]") TE_CONV_2D_QUAD_SCALE(second, "x1", "r7") \
    TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_CLAMP, first, "right") \
    TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_CLAMP, second, "further")
/* With the correction of te_requantize_high: `one` of them, or as many as 2^`power` is half of. */
#define TE_CONV_2D_QUAD_CORRECT(sum, added, one, power)  \
    "add %[x0], %[" sum "], #" one "\n\t"                \
    "asr %[x0], %[x0], #31\n\t"                          \
    "add %[" sum "], %[" sum "], %[x0], lsl #" power "\n\t" \
    "add %[" sum "], %[" sum "], " added "\n\t"
#define TE_CONV_2D_QUAD_TIMES(sum, by)  "smmul %[" sum "], %[" sum "], %[" by "]\n\t"
#define TE_CONV_2D_QUAD_SCALES_ALL(first, second)        \
    TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_DOUBLE, first, "2")    \
    TE_CONV_2D_QUAD_NEXT                                 \
    TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_TIMES, first, "x0")   \
    TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_TIMES, second, "x1")  \
    TE_CONV_2D_QUAD_CORRECT(first "0", "%[a]", "1", "1")    \
    TE_CONV_2D_QUAD_CORRECT(first "1", "%[a]", "1", "1")    \
    TE_CONV_2D_QUAD_CORRECT(second "0", "r7", "64", "7")  \
    TE_CONV_2D_QUAD_CORRECT(second "1", "r7", "64", "7")
#define TE_CONV_2D_QUAD_PUT(to, pixel)                   \
    "strb %[s1" pixel "], [" to ", #1]\n\t"           \
    "strb %[s2" pixel "], [" to ", #2]\n\t"           \
    "strb %[s3" pixel "], [" to ", #3]\n\t"           \
    "strb %[s0" pixel "], [" to "], #4\n\t"
#define TE_CONV_2D_QUAD_FIELD(field) "i"(offsetof(te_conv_2d_s8_dsp_quad, field) - TE_CONV_2D_DSP_LONG * 2)

/* All channels of a group, four by four; gives the next group's weights. While products are summed, no
   register is free: what else is needed lies behind the first pixel's inputs, whose end is where `x` then is
   and which the stack has, too (its address would take a register).
   The first turn over the other taps begins `skip` bytes further; PC counts from the label. */
static __attribute__((noinline)) const int8_t *
te_conv_2d_s8_dsp_quads(te_conv_2d_s8_dsp_quad *quad, const int8_t *weights) {
    register const int16_t *x __asm__("r0") = quad->wide[1];
    register const int8_t *w __asm__("r12") = weights;
    register int32_t s00 __asm__("r2"), s01 __asm__("r3"), s10 __asm__("r4"), s11 __asm__("r5");
    register int32_t s20 __asm__("r6"), s21 __asm__("r8"), s30 __asm__("r9"), s31 __asm__("r10");
    register uint32_t x0 __asm__("r11"), x1 __asm__("r1") = (uint32_t)quad->skip, a __asm__("lr");
    __asm__ volatile(
        "push {%[x], %[x1], r7}\n\t"
        "b 1f\n\t"
        "4:\n\t"
        TE_CONV_2D_QUAD_SCALES_ALL("s0", "s1") TE_CONV_2D_QUAD_SCALES_ALL("s2", "s3")
        "ldr %[x1], [%[w]], #4\n\t"
        TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_SHIFT, "s0", "x1")
        "lsr %[x1], %[x1], #8\n\t"
        TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_SHIFT, "s1", "x1")
        "lsr %[x1], %[x1], #8\n\t"
        TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_SHIFT, "s2", "x1")
        "lsr %[x1], %[x1], #8\n\t"
        TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_SHIFT, "s3", "x1")
        TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_CUT, "s0", "8")
        TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_CUT, "s1", "8")
        TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_CUT, "s2", "8")
        TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_CUT, "s3", "8")
        "b 3f\n\t"
        "1:\n\t"
        "ldr %[s00], [%[w]], #4\n\t"
        "ldr %[s10], [%[w]], #4\n\t"
        "ldr %[s20], [%[w]], #4\n\t"
        "ldr %[s30], [%[w]], #4\n\t"
        "ldr %[x], [%[x], %[start]]\n\t"
        TE_CONV_2D_QUAD_BEGIN
        "ldr %[x0], [sp, #4]\n\t"
        "add pc, %[x0]\n\t"
        "nop\n\t"
        "2:\n\t"
        TE_CONV_2D_QUAD_TURNS
        "ldr %[x0], [sp]\n\t"
        "cmp %[x0], %[x]\n\t"
        "bne 2b\n\t"
        "ldr %[x0], [%[x], %[high]]\n\t"
        TE_CONV_2D_QUAD_APART("s0", "s1") TE_CONV_2D_QUAD_APART("s2", "s3")
        "cmp %[x0], #0\n\t"
        "bne 4b\n\t"
        TE_CONV_2D_QUAD_SCALES("s0", "s1") TE_CONV_2D_QUAD_SCALES("s2", "s3")
        "3:\n\t"
        "ldr %[a], [%[x], %[to0]]\n\t"
        "ldr r7, [%[x], %[to1]]\n\t"
        "ldr %[x0], [%[x], %[last]]\n\t"
        TE_CONV_2D_QUAD_PUT("%[a]", "0")
        TE_CONV_2D_QUAD_PUT("r7", "1")
        "str %[a], [%[x], %[to0]]\n\t"
        "str r7, [%[x], %[to1]]\n\t"
        "cmp %[w], %[x0]\n\t"
        "bne 1b\n\t"
        "pop {%[x], %[x1], r7}"
        : [x] "+&r"(x), [w] "+&r"(w), [s00] "=&r"(s00), [s01] "=&r"(s01), [s10] "=&r"(s10),
          [s11] "=&r"(s11), [s20] "=&r"(s20), [s21] "=&r"(s21), [s30] "=&r"(s30), [s31] "=&r"(s31),
          [x0] "=&r"(x0), [x1] "+&r"(x1), [a] "=&r"(a)
        : [beside] "i"(TE_CONV_2D_DSP_LONG * 2), [start] TE_CONV_2D_QUAD_FIELD(x),
          [high] TE_CONV_2D_QUAD_FIELD(high),
          [to0] TE_CONV_2D_QUAD_FIELD(to[0]), [to1] TE_CONV_2D_QUAD_FIELD(to[1]),
          [last] TE_CONV_2D_QUAD_FIELD(last), [right] "i"(TE_CONV_2D_DSP_RIGHT),
          [further] "i"(TE_CONV_2D_DSP_RIGHT + 8)
        : "cc", "memory");
    return w;
}
/* clang-format on */

#endif
