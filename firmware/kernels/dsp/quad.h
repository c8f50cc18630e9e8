/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of two output pixels, and the products of four channels' weights with them, in instructions: a
   compiler does not find how fourteen registers suffice. */
#ifndef TE_DSP_QUAD_H
#define TE_DSP_QUAD_H

#include "kernels/dsp/gather.h"

_Static_assert(TE_CONV_2D_DSP_LONG % 8 == 0, "what fills a window goes in steps of 8 taps");

enum {
    TE_CONV_2D_QUAD_CODE = 14 * 4,     /* bytes of the instructions for two taps */
    TE_CONV_2D_QUAD_WORDS = 2,         /* of weights, for two taps */
    TE_CONV_2D_QUAD_CONSTANTS = 10,    /* words beside the weights of four channels */
    TE_CONV_2D_QUAD_HIGH = 3,          /* and so many more if `high` */
    TE_CONV_2D_QUAD_CARRY = 1 << 29,   /* taps take several turns, or `high` */
    TE_CONV_2D_QUAD_OVERFLOW = 1 << 28 /* `high` */
};

/* Twos of a turn over the taps. Where code is to be small, most layers take several. */
#ifdef __OPTIMIZE_SIZE__
enum { TE_CONV_2D_QUAD_TURN = 16 };
#define TE_CONV_2D_QUAD_TURNS                                                                                \
    TE_CONV_2D_QUAD_EIGHT TE_CONV_2D_QUAD_EIGHT TE_CONV_2D_QUAD_AGAIN("2b") "bvs 4b\n\t"
#define TE_CONV_2D_QUAD_MORE ""
#else
enum { TE_CONV_2D_QUAD_TURN = 32 };
#define TE_CONV_2D_QUAD_TURNS                                                                                \
    TE_CONV_2D_QUAD_EIGHT TE_CONV_2D_QUAD_EIGHT TE_CONV_2D_QUAD_EIGHT TE_CONV_2D_QUAD_EIGHT "bcs 5b\n\t"
#define TE_CONV_2D_QUAD_MORE "5:\n\t" TE_CONV_2D_QUAD_AGAIN("2f") "bvc 6f\n\t"
#endif

/* Two pixels and their inputs, widened: the last of those in use lie at the end. What fills them goes in
   steps that may end behind them, in `room`. */
typedef struct te_conv_2d_s8_dsp_quad {
    _Alignas(4) int16_t wide[TE_CONV_2D_DSP_PIXELS][TE_CONV_2D_DSP_LONG];
    int32_t room[2];
    int16_t *x;     /* where the first pixel's begin */
    uint32_t skip;  /* bytes of code that the first turn over all but two taps leaves out, and 1 for Thumb */
    uint32_t flags; /* TE_CONV_2D_QUAD_CARRY, _OVERFLOW */
    int8_t *to[TE_CONV_2D_DSP_PIXELS]; /* outputs of the next channels */
    const int8_t *last;                /* behind the group's weights */
    /* Of windows that are `depth` bytes in a row each, and are widened pair by pair; else 0. */
    int32_t depth;
    const int8_t *from;
    int32_t pairs; /* at least 1 */
    const int8_t *weights;
    int32_t beside, next; /* from a pixel's inputs to those of the other; between outputs of pairs */
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
#define TE_CONV_2D_QUAD_AGAIN(where)                     \
    "ldr %[x0], [sp]\n\t"                                \
    "teq %[x0], %[x]\n\t"                                \
    "bne " where "\n\t"
#define TE_CONV_2D_QUAD_APART(first, second)             \
    "sub %[" second "0], %[" second "0], %[" first "0]\n\t" \
    "sub %[" second "1], %[" second "1], %[" first "1]\n\t"
/* Two channels' multipliers, and what is added to the products of both. */
#define TE_CONV_2D_QUAD_LINE                             \
    "ldr %[x0], [%[w]], #4\n\t"                          \
    "ldr %[x1], [%[w]], #4\n\t"                          \
    "ldr %[a], [%[w]], #4\n\t"
#define TE_CONV_2D_QUAD_ALONG(sum, by)        "smmla %[" sum "], %[" sum "], %[" by "], %[a]\n\t"
#define TE_CONV_2D_QUAD_TIMES(sum, by)        "smmul %[" sum "], %[" sum "], %[" by "]\n\t"
#define TE_CONV_2D_QUAD_SCALES(first, second)            \
    TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_ALONG, first, "x0") \
    TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_ALONG, second, "x1") \
    TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_CLAMP, first, "right") \
    TE_CONV_2D_QUAD_BOTH(TE_CONV_2D_QUAD_CLAMP, second, "further")
/* The other way, two channels' multipliers, then what is added to their products. */
#define TE_CONV_2D_QUAD_NEXT                             \
    TE_CONV_2D_QUAD_LINE                                 \
    "ldr r7, [%[w]], #4\n\t"
/* With the correction of te_requantize_high: `one` of them, or as many as 2^`power` is half of. */
#define TE_CONV_2D_QUAD_CORRECT(sum, added, one, power)  \
    "add %[x0], %[" sum "], #" one "\n\t"                \
    "asr %[x0], %[x0], #31\n\t"                          \
    "add %[" sum "], %[" sum "], %[x0], lsl #" power "\n\t" \
    "add %[" sum "], %[" sum "], " added "\n\t"
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
    "strb %[s1" pixel "], [" to ", #1]\n\t"              \
    "strb %[s2" pixel "], [" to ", #2]\n\t"              \
    "strb %[s3" pixel "], [" to ", #3]\n\t"              \
    "strb %[s0" pixel "], [" to "], #4\n\t"
/* Four inputs become two words at these distances from `s11`. */
#define TE_CONV_2D_QUAD_WIDEN(word, low, high)           \
    "sxtb16 %[a], %[" word "], ror #8\n\t"               \
    "sxtb16 %[" word "], %[" word "]\n\t"                \
    "str %[a], [%[s11], #" high "]\n\t"                  \
    "str %[" word "], [%[s11], #" low "]\n\t"
#define TE_CONV_2D_QUAD_FIELD(field) "i"(offsetof(te_conv_2d_s8_dsp_quad, field) - TE_CONV_2D_DSP_LONG * 2)

/* All channels of a group, four by four, at `pairs` of pixels; gives the next group's weights. While products are
   summed, no register is free: what else is needed lies behind the first pixel's inputs, whose end is where `x`
   then is, or on the stack: that end, and where the first turn over the other taps begins. Flags say the same of
   all channels, since what runs between changes neither C nor V: what is done only where taps take several turns
   or `high` is set has C, and V if that is it. ADR counts from a multiple of 4, as the function must begin. */
static __attribute__((noinline, aligned(4))) const int8_t *te_conv_2d_s8_dsp_quads(te_conv_2d_s8_dsp_quad *quad,
                                                                       const int8_t *weights) {
    quad->weights = weights;
    register const int16_t *x __asm__("r0") = quad->wide[1];
    register const int8_t *w __asm__("r12") = weights;
    register int32_t s00 __asm__("r2"), s01 __asm__("r3"), s10 __asm__("r4"), s11 __asm__("r5");
    register int32_t s20 __asm__("r6"), s21 __asm__("r8"), s30 __asm__("r9"), s31 __asm__("r10");
    register uint32_t x0 __asm__("r11"), x1 __asm__("r1") = quad->skip, a __asm__("lr");
    __asm__ volatile(
        "adr %[a], 2f\n\t"
        "add %[a], %[a], %[x1]\n\t"
        "push {%[x], r7, %[a]}\n\t"
        "b 7f\n\t"
        TE_CONV_2D_QUAD_MORE
        "4:\n\t"
        TE_CONV_2D_QUAD_APART("s0", "s1") TE_CONV_2D_QUAD_APART("s2", "s3")
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
        "ldr r7, [%[x], %[to0]]\n\t"
        "ldr %[a], [%[x], %[to1]]\n\t"
        TE_CONV_2D_QUAD_PUT("r7", "0")
        TE_CONV_2D_QUAD_PUT("%[a]", "1")
        "mov %[s00], %[a]\n\t"
        "ldr %[s10], [%[x], %[last]]\n\t"
        "b 3f\n\t"
        "7:\n\t"
        "ldr %[s00], [%[x], %[depth]]\n\t"
        "ldr %[s01], [%[x], %[from]]\n\t"
        "ldr %[s10], [%[x], %[aside]]\n\t"
        "ldr %[s11], [%[x], %[start]]\n\t"
        "cmp %[s00], #0\n\t"
        "beq 9f\n\t"
        "add %[s10], %[s10], %[s01]\n\t"
        "subs %[s00], %[s00], #8\n\t"
        "blt 10f\n\t"
        "8:\n\t"
        "ldr %[s20], [%[s01], #4]\n\t"
        "ldr %[s30], [%[s10], #4]\n\t"
        "ldr %[s21], [%[s10]], #8\n\t"
        "ldr %[x0], [%[s01]], #8\n\t"
        TE_CONV_2D_QUAD_WIDEN("s20", "8", "12") TE_CONV_2D_QUAD_WIDEN("s30", "%c[beside] + 8", "%c[beside] + 12")
        TE_CONV_2D_QUAD_WIDEN("s21", "%c[beside]", "%c[beside] + 4") TE_CONV_2D_QUAD_WIDEN("x0", "0", "4")
        "add %[s11], %[s11], #16\n\t"
        "subs %[s00], %[s00], #8\n\t"
        "bge 8b\n\t"
        "10:\n\t"
        "adds %[s00], %[s00], #8\n\t"
        "beq 9f\n\t"
        "ldr %[x0], [%[s01]]\n\t"
        "ldr %[s21], [%[s10]]\n\t"
        TE_CONV_2D_QUAD_WIDEN("s21", "%c[beside]", "%c[beside] + 4") TE_CONV_2D_QUAD_WIDEN("x0", "0", "4")
        "9:\n\t"
        "ldr %[w], [%[x], %[weights]]\n\t"
        "ldr %[x0], [%[x], %[flags]]\n\t"
        "msr apsr_nzcvq, %[x0]\n\t"
        "1:\n\t"
        "ldr %[s00], [%[w]], #4\n\t"
        "ldr %[s10], [%[w]], #4\n\t"
        "ldr %[s20], [%[w]], #4\n\t"
        "ldr %[s30], [%[w]], #4\n\t"
        "ldr %[x], [%[x], %[start]]\n\t"
        TE_CONV_2D_QUAD_BEGIN
        "ldr pc, [sp, #8]\n\t"
        "2:\n\t"
        TE_CONV_2D_QUAD_TURNS
        "6:\n\t"
        TE_CONV_2D_QUAD_APART("s0", "s1") TE_CONV_2D_QUAD_APART("s2", "s3")
        TE_CONV_2D_QUAD_LINE
        "ldr r7, [%[x], %[to0]]\n\t"
        TE_CONV_2D_QUAD_SCALES("s0", "s1")
        "strb %[s10], [r7, #1]\n\t"
        "strb %[s00], [r7], #4\n\t"
        TE_CONV_2D_QUAD_LINE
        "ldr %[s00], [%[x], %[to1]]\n\t"
        "ldr %[s10], [%[x], %[last]]\n\t"
        TE_CONV_2D_QUAD_SCALES("s2", "s3")
        "strb %[s20], [r7, #-2]\n\t"
        "strb %[s30], [r7, #-1]\n\t"
        TE_CONV_2D_QUAD_PUT("%[s00]", "1")
        "3:\n\t"
        "str r7, [%[x], %[to0]]\n\t"
        "str %[s00], [%[x], %[to1]]\n\t"
        "teq %[w], %[s10]\n\t"
        "bne 1b\n\t"
        "ldr %[s20], [%[x], %[pairs]]\n\t"
        "subs %[s20], %[s20], #1\n\t"
        "beq 11f\n\t"
        "ldr %[s01], [%[x], %[from]]\n\t"
        "ldr %[s10], [%[x], %[aside]]\n\t"
        "ldr %[s11], [%[x], %[next]]\n\t"
        "add %[s01], %[s01], %[s10], lsl #1\n\t"
        "add r7, r7, %[s11]\n\t"
        "add %[s00], %[s00], %[s11]\n\t"
        "str %[s01], [%[x], %[from]]\n\t"
        "str r7, [%[x], %[to0]]\n\t"
        "str %[s00], [%[x], %[to1]]\n\t"
        "str %[s20], [%[x], %[pairs]]\n\t"
        "b 7b\n\t"
        "11:\n\t"
        "pop {%[x], r7, %[a]}"
        : [x] "+&r"(x), [w] "+&r"(w), [s00] "=&r"(s00), [s01] "=&r"(s01), [s10] "=&r"(s10),
          [s11] "=&r"(s11), [s20] "=&r"(s20), [s21] "=&r"(s21), [s30] "=&r"(s30), [s31] "=&r"(s31),
          [x0] "=&r"(x0), [x1] "+&r"(x1), [a] "=&r"(a)
        : [beside] "i"(TE_CONV_2D_DSP_LONG * 2), [start] TE_CONV_2D_QUAD_FIELD(x),
          [to0] TE_CONV_2D_QUAD_FIELD(to[0]), [to1] TE_CONV_2D_QUAD_FIELD(to[1]),
          [last] TE_CONV_2D_QUAD_FIELD(last), [depth] TE_CONV_2D_QUAD_FIELD(depth),
          [from] TE_CONV_2D_QUAD_FIELD(from), [aside] TE_CONV_2D_QUAD_FIELD(beside),
          [next] TE_CONV_2D_QUAD_FIELD(next), [pairs] TE_CONV_2D_QUAD_FIELD(pairs),
          [weights] TE_CONV_2D_QUAD_FIELD(weights), [flags] TE_CONV_2D_QUAD_FIELD(flags), [right] "i"(TE_CONV_2D_DSP_RIGHT),
          [further] "i"(TE_CONV_2D_DSP_RIGHT + 8)
        : "cc", "memory");
    return w;
}
/* clang-format on */

#endif
