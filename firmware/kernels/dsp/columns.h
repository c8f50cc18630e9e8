/* SPDX-License-Identifier: Apache-2.0 */
/* Six outputs of a line, of windows of three columns each or each second column, in instructions: a compiler does
   not find how fourteen registers suffice.

   Of a row and a channel the inputs are two words, of columns 0, 2, 1, 3 and 4, 6, 5, 7, so that SXTB16 gives
   neighbours; or three such words, and the column behind. Weights are, for each channel, words of what its sum
   begins with; of each row the weights 0, 1, 1 and 2, for every second channel of the last row before those of the
   middle one; of the multiplier; of what is added to the upper half of a product with it. */
#ifndef TE_DSP_COLUMNS_H
#define TE_DSP_COLUMNS_H

#include "kernels/dsp/depthwise_conv_2d.h"

/* clang-format off */
/* LR holds the weights of a row: they become 0 and 1, with 1 and 2 in R7. */
#define TE_COLUMNS_WEIGHTS                               \
    "sxtb16 r7, lr, ror #8\n\t"                          \
    "sxtb16 lr, lr\n\t"
#define TE_COLUMNS_EVEN(to, word) "sxtb16 " to ", " word "\n\t"
#define TE_COLUMNS_ODD(word)      "sxtb16 " word ", " word ", ror #8\n\t"
/* A window that begins with the first or with the second column of a word. */
#define TE_COLUMNS_FIRST(sum, word, next, from)          \
    "smlad " sum ", " word ", lr, " from "\n\t"          \
    "smlabt " sum ", " next ", r7, " sum "\n\t"
#define TE_COLUMNS_SECOND(sum, word, next, from)         \
    "smlatb " sum ", " word ", lr, " from "\n\t"         \
    "smlad " sum ", " next ", r7, " sum "\n\t"
/* R8 holds what sums begin with until its own has begun, last. Of the second and the third row one register goes
   from that where it is to the other. */
#define TE_COLUMNS_BEGIN    "ldr r8, [%[w]], #4\n\t"
#define TE_COLUMNS_DISTANCE "ldr r7, [sp, #12]\n\t"
#define TE_COLUMNS_LOAD(first, second)                   \
    "ldr lr, [%[w]], #4\n\t"                             \
    "ldr r10, " first "\n\t"                             \
    "ldr r11, " second "\n\t"
#define TE_COLUMNS_EACH_SUMS(from0, from1, from2, from3, from4)                                          \
    TE_COLUMNS_WEIGHTS TE_COLUMNS_EVEN("r9", "r10") TE_COLUMNS_ODD("r10")                                \
    TE_COLUMNS_FIRST("r2", "r9", "r10", from0) TE_COLUMNS_SECOND("r3", "r9", "r10", from1)               \
    TE_COLUMNS_EVEN("r9", "r11")                                                                         \
    TE_COLUMNS_FIRST("r4", "r10", "r9", from2) TE_COLUMNS_SECOND("r5", "r10", "r9", from3)               \
    TE_COLUMNS_ODD("r11")                                                                                \
    TE_COLUMNS_FIRST("r6", "r9", "r11", from4) TE_COLUMNS_SECOND("r8", "r9", "r11", "r8")
#define TE_COLUMNS_EACH_ROWS(there)                                                                      \
    TE_COLUMNS_BEGIN TE_COLUMNS_LOAD("[%[x]], #8", "[%[x], #-4]")                                        \
    TE_COLUMNS_EACH_SUMS("r8", "r8", "r8", "r8", "r8")                                                   \
    TE_COLUMNS_DISTANCE TE_COLUMNS_LOAD("[%[y]]", "[%[y], #4]") there " %[y], %[y], r7\n\t"              \
    TE_COLUMNS_EACH_SUMS("r2", "r3", "r4", "r5", "r6")                                                   \
    TE_COLUMNS_LOAD("[%[y]], #8", "[%[y], #-4]")                                                         \
    TE_COLUMNS_EACH_SUMS("r2", "r3", "r4", "r5", "r6")
/* The last column is alone. What is `with` its load is in R11 then. */
#define TE_COLUMNS_SECOND_SUMS(third, last, with, from0, from1, from2, from3, from4)                     \
    TE_COLUMNS_WEIGHTS TE_COLUMNS_EVEN("r9", "r10") TE_COLUMNS_ODD("r10")                                \
    TE_COLUMNS_FIRST("r2", "r9", "r10", from0)                                                           \
    TE_COLUMNS_EVEN("r9", "r11")                                                                         \
    TE_COLUMNS_FIRST("r3", "r10", "r9", from1)                                                           \
    TE_COLUMNS_ODD("r11")                                                                                \
    TE_COLUMNS_FIRST("r4", "r9", "r11", from2)                                                           \
    "ldr r10, " third "\n\t"                                                                             \
    TE_COLUMNS_EVEN("r9", "r10")                                                                         \
    TE_COLUMNS_FIRST("r5", "r11", "r9", from3)                                                           \
    TE_COLUMNS_ODD("r10")                                                                                \
    TE_COLUMNS_FIRST("r6", "r9", "r10", from4)                                                           \
    "ldrsb r9, " last "\n\t"                                                                             \
    with                                                                                                 \
    TE_COLUMNS_FIRST("r8", "r10", "r9", "r8")
#define TE_COLUMNS_SECOND_ROWS(there)                                                                    \
    TE_COLUMNS_BEGIN TE_COLUMNS_LOAD("[%[x]], #16", "[%[x], #-12]")                                      \
    TE_COLUMNS_SECOND_SUMS("[%[x], #-8]", "[%[x], #-4]", "", "r8", "r8", "r8", "r8", "r8")               \
    TE_COLUMNS_LOAD("[%[y]], #16", "[%[y], #-12]")                                                       \
    TE_COLUMNS_SECOND_SUMS("[%[y], #-8]", "[%[y], #-4]",                                                 \
                           "ldr r11, [sp, #12]\n\t" there " %[y], %[y], r11\n\t",                        \
                           "r2", "r3", "r4", "r5", "r6")                                                 \
    TE_COLUMNS_LOAD("[%[y], #-16]", "[%[y], #-12]")                                                      \
    TE_COLUMNS_SECOND_SUMS("[%[y], #-8]", "[%[y], #-4]", "", "r2", "r3", "r4", "r5", "r6")
#define TE_COLUMNS_SCALE(sum)                            \
    "smmla " sum ", " sum ", r9, r10\n\t"                \
    "ssat " sum ", #8, " sum ", asr %[right]\n\t"
#define TE_COLUMNS_OUTPUTS(then)                         \
    "ldr r9, [%[w]], #4\n\t"                             \
    "ldr r10, [%[w]], #4\n\t"                            \
    "ldr r11, [sp]\n\t"                                  \
    "ldr r7, [sp, #4]\n\t"                               \
    then                                                 \
    TE_COLUMNS_SCALE("r2") TE_COLUMNS_SCALE("r3") TE_COLUMNS_SCALE("r4")                                 \
    TE_COLUMNS_SCALE("r5") TE_COLUMNS_SCALE("r6") TE_COLUMNS_SCALE("r8")                                 \
    "add r9, r11, r7, lsl #1\n\t"                        \
    "add r10, r11, r7, lsl #2\n\t"                       \
    "strb r3, [r11, r7]\n\t"                             \
    "strb r5, [r9, r7]\n\t"                              \
    "strb r8, [r10, r7]\n\t"                             \
    "strb r4, [r9]\n\t"                                  \
    "strb r6, [r10]\n\t"                                 \
    "strb r2, [r11], #1\n\t"                             \
    "str r11, [sp]\n\t"
/* Two channels a turn: the second's rows are in the order 0, 2, 1, so that between them is no way back. R7 may be
   a compiler's, and is not among those it is told of. On the stack is where outputs go, how far they are apart,
   where inputs end, and how far the third row is from the second. */
#define TE_COLUMNS_LOOP(rows)                            \
    "push {r2, r3, r4, r5, r7}\n\t"                      \
    "1:\n\t"                                             \
    rows("add") TE_COLUMNS_OUTPUTS("")                   \
    rows("sub") TE_COLUMNS_OUTPUTS("ldr lr, [sp, #8]\n\tcmp %[x], lr\n\t")                             \
    "bne 1b\n\t"                                         \
    "add sp, sp, #16\n\t"                                \
    "pop {r7}\n\t"
/* clang-format on */

/* Six outputs, `beside` bytes apart, of `channels` from `out` on; gives the weights of the next. */
#define TE_COLUMNS_FUNCTION(name, rows, words)                                                               \
    static __attribute__((noinline)) const int8_t *name(uint32_t *const inputs[3], const int8_t *weights,    \
                                                        int8_t *out, int32_t beside, int32_t channels) {     \
        register const uint32_t *x __asm__("r0") = inputs[0];                                                \
        register const uint32_t *y __asm__("r12") = inputs[1];                                               \
        register const int8_t *w __asm__("r1") = weights;                                                    \
        register int8_t *to __asm__("r2") = out;                                                             \
        register int32_t pitch __asm__("r3") = beside;                                                       \
        register const uint32_t *end __asm__("r4") = x + channels * (words);                                 \
        register int32_t third __asm__("r5") = (inputs[2] - y) * (int32_t)sizeof *y;                         \
        __asm__ volatile(TE_COLUMNS_LOOP(rows)                                                               \
                         : [x] "+&r"(x), [y] "+&r"(y), [w] "+&r"(w), "+&r"(to), "+&r"(pitch), "+&r"(end),    \
                           "+&r"(third)                                                                      \
                         : [right] "i"(TE_DEPTHWISE_CONV_2D_DSP_RIGHT)                                       \
                         : "r6", "r8", "r9", "r10", "r11", "lr", "cc", "memory");                            \
        return w;                                                                                            \
    }

TE_COLUMNS_FUNCTION(te_columns_each, TE_COLUMNS_EACH_ROWS, TE_DEPTHWISE_CONV_2D_DSP_EACH)
TE_COLUMNS_FUNCTION(te_columns_second, TE_COLUMNS_SECOND_ROWS, TE_DEPTHWISE_CONV_2D_DSP_SECOND)

/* The columns of a row, for `fours` times four channels, `pitch` bytes apart. Those that are not in the image are
   at `outside`. */
typedef struct te_columns_place {
    int32_t pitch, fours;
    const int8_t *outside;
} te_columns_place;

/* clang-format off */
/* The next bit, and another address where it is 0. */
#define TE_COLUMNS_SELECT(at)                            \
    "lsrs r9, r9, #1\n\t"                                \
    "it cc\n\t"                                          \
    "movcc " at ", r10\n\t"
#define TE_COLUMNS_LAY(last)                                                                             \
    "push {r4, r5, r7}\n\t"                                                                              \
    "mov r7, r6\n\t"                                                                                     \
    /* Of two words, SEL takes bytes 0 and 2 of the first. */                                            \
    "movs r9, #0\n\t"                                                                                    \
    "mov r10, #0x01000100\n\t"                                                                           \
    "usub8 r9, r9, r10\n\t"                                                                              \
    "1:\n\t"                                                                                             \
    "ldr r5, [sp]\n\t"                                                                                   \
    "and r9, r7, #15\n\t"                                                                                \
    "lsr r7, r7, #4\n\t"                                                                                 \
    "mov r4, %[x]\n\t"                                                                                   \
    "add r6, %[x], r5, lsl #1\n\t"                                                                       \
    "add r8, r6, r5\n\t"                                                                                 \
    "add %[x], r8, r5\n\t"                                                                               \
    "add r5, r4, r5\n\t"                                                                                 \
    "cmp r9, #15\n\t"                                                                                    \
    "beq 2f\n\t"                                                                                         \
    "ldr r10, [sp, #4]\n\t"                                                                              \
    TE_COLUMNS_SELECT("r4") TE_COLUMNS_SELECT("r5") TE_COLUMNS_SELECT("r6") TE_COLUMNS_SELECT("r8")      \
    "2:\n\t"                                                                                             \
    "mov r3, r1\n\t"                                                                                     \
    "3:\n\t"                                                                                             \
    "ldr r9, [r4], #4\n\t"                                                                               \
    "ldr r10, [r5], #4\n\t"                                                                              \
    "ldr r11, [r6], #4\n\t"                                                                              \
    "ldr r12, [r8], #4\n\t"                                                                              \
    "lsl lr, r11, #8\n\t"                                                                                \
    "sel lr, r9, lr\n\t"                                                                                 \
    "lsr r9, r9, #8\n\t"                                                                                 \
    "sel r9, r9, r11\n\t"                                                                                \
    "lsl r11, r12, #8\n\t"                                                                               \
    "sel r11, r10, r11\n\t"                                                                              \
    "lsr r10, r10, #8\n\t"                                                                               \
    "sel r10, r10, r12\n\t"                                                                              \
    "pkhbt r12, lr, r11, lsl #16\n\t"                                                                    \
    "pkhtb lr, r11, lr, asr #16\n\t"                                                                     \
    "pkhbt r11, r9, r10, lsl #16\n\t"                                                                    \
    "pkhtb r9, r10, r9, asr #16\n\t"                                                                     \
    "str r11, [%[out], %[channel]]\n\t"                                                                  \
    "str lr, [%[out], #2 * %c[channel]]\n\t"                                                               \
    "str r9, [%[out], #3 * %c[channel]]\n\t"                                                               \
    "str r12, [%[out]], #4 * %c[channel]\n\t"                                                              \
    "subs r3, r3, #1\n\t"                                                                                \
    "bne 3b\n\t"                                                                                         \
    /* Back to the next word of the first channel. */                                                    \
    "sub %[out], %[out], r1, lsl %[shift]\n\t"                                                           \
    "add %[out], %[out], #4\n\t"                                                                         \
    "cmp r7, #3\n\t"                                                                                     \
    "bhi 1b\n\t"                                                                                         \
    last                                                                                                 \
    "pop {r4, r5, r7}\n\t"
/* A column alone, a byte of each channel. */
#define TE_COLUMNS_LAY_LAST                                                                              \
    "ldr r9, [sp, #4]\n\t"                                                                               \
    "lsrs r7, r7, #1\n\t"                                                                                \
    "it cc\n\t"                                                                                          \
    "movcc %[x], r9\n\t"                                                                                 \
    "4:\n\t"                                                                                             \
    "ldr r9, [%[x]], #4\n\t"                                                                             \
    "lsr r10, r9, #8\n\t"                                                                                \
    "lsr r11, r9, #16\n\t"                                                                               \
    "lsr r12, r9, #24\n\t"                                                                               \
    "strb r10, [%[out], %[channel]]\n\t"                                                                 \
    "strb r11, [%[out], #2 * %c[channel]]\n\t"                                                           \
    "strb r12, [%[out], #3 * %c[channel]]\n\t"                                                           \
    "strb r9, [%[out]], #4 * %c[channel]\n\t"                                                            \
    "subs r1, r1, #1\n\t"                                                                                \
    "bne 4b\n\t"
/* clang-format on */

/* A row whose first column is at `row`, to `to` on: the bits of `inside` say which are in the image, and above
   them is a 1. */
#define TE_COLUMNS_LAYER(name, words, log2, last)                                                            \
    static __attribute__((noinline)) void name(const int8_t *row, uint32_t inside, uint32_t *to,             \
                                               const te_columns_place *place) {                              \
        register const int8_t *x __asm__("r0") = row;                                                        \
        register int32_t count __asm__("r1") = place->fours;                                                 \
        register uint32_t *out __asm__("r2") = to;                                                           \
        register int32_t pitch __asm__("r4") = place->pitch;                                                 \
        register const int8_t *outside __asm__("r5") = place->outside;                                       \
        register uint32_t bits __asm__("r6") = inside;                                                       \
        __asm__ volatile(TE_COLUMNS_LAY(last)                                                                \
                         : [x] "+&r"(x), "+&r"(bits), [out] "+&r"(out), "+&r"(count), "+&r"(pitch),          \
                           "+&r"(outside)                                                                    \
                         : [channel] "i"((words) * 4), [shift] "i"(4 + (log2))                               \
                         : "r3", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");                     \
    }

TE_COLUMNS_LAYER(te_columns_lay_each, TE_DEPTHWISE_CONV_2D_DSP_EACH, 1, "")
TE_COLUMNS_LAYER(te_columns_lay_second, TE_DEPTHWISE_CONV_2D_DSP_SECOND, 2, TE_COLUMNS_LAY_LAST)

#endif
