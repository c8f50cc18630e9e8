/* SPDX-License-Identifier: Apache-2.0 */
/* The outputs of one row whose windows of three columns lie in eight, in instructions: a compiler does not find
   how fourteen registers suffice.

   A word of `x` is two neighbouring columns of two channels: bytes 0 and 2 are the first channel's, 1 and 3 the
   second's. Of two channels there are twelve words, four for each row of the window. Weights are, for each
   channel, words of what its sum begins with; of each row the weights 0, 1, 1 and 2; of the multiplier; of
   what is added to the upper half of a product with it. */
#ifndef TE_DSP_COLUMNS_H
#define TE_DSP_COLUMNS_H

#include "kernels/dsp/depthwise_conv_2d.h"

enum {
    TE_COLUMNS_WORDS = 12, /* of two channels' inputs */
    TE_COLUMNS_BITS = 10,  /* of a row, that say which of its columns are in the image */
    TE_COLUMNS_SIX = 6,    /* outputs of neighbouring windows */
    TE_COLUMNS_THREE = 3,  /* the same where every second window counts */
    TE_COLUMNS_STORE = 4,  /* bytes of an instruction that stores an output */
};

/* clang-format off */
#define TE_COLUMNS_EVEN(word) "sxtb16 " word ", " word "\n\t"
#define TE_COLUMNS_ODD(word)  "sxtb16 " word ", " word ", ror #8\n\t"
/* The inputs of a row that begins `at` bytes after `x`, and its weights: 0 and 1 in LR, 1 and 2 in R7. */
#define TE_COLUMNS_LOAD(at, widen)                       \
    "ldr lr, [%[w]], #4\n\t"                             \
    "ldr r9, [%[x], #" at "]\n\t"                        \
    "ldr r10, [%[x], #" at " + 4]\n\t"                   \
    "ldr r11, [%[x], #" at " + 8]\n\t"                   \
    "ldr r12, [%[x], #" at " + 12]\n\t"                  \
    "sxtb16 r7, lr, ror #8\n\t"                          \
    "sxtb16 lr, lr\n\t"                                  \
    widen("r9") widen("r10") widen("r11") widen("r12")
/* A window that begins with the first or with the second column of a word. */
#define TE_COLUMNS_FIRST(sum, word, next, from)          \
    "smlad " sum ", " word ", lr, " from "\n\t"          \
    "smlabt " sum ", " next ", r7, " sum "\n\t"
#define TE_COLUMNS_SECOND(sum, word, next, from)         \
    "smlatb " sum ", " word ", lr, " from "\n\t"         \
    "smlad " sum ", " next ", r7, " sum "\n\t"
#define TE_COLUMNS_SIX_SUMS(from0, from1, from2, from3, from4)                                           \
    TE_COLUMNS_FIRST("r2", "r9", "r10", from0) TE_COLUMNS_SECOND("r3", "r9", "r10", from1)               \
    TE_COLUMNS_FIRST("r4", "r10", "r11", from2) TE_COLUMNS_SECOND("r5", "r10", "r11", from3)             \
    TE_COLUMNS_FIRST("r6", "r11", "r12", from4) TE_COLUMNS_SECOND("r8", "r11", "r12", "r8")
#define TE_COLUMNS_THREE_SUMS(from0, from1)                                                              \
    TE_COLUMNS_FIRST("r2", "r9", "r10", from0) TE_COLUMNS_FIRST("r3", "r10", "r11", from1)               \
    TE_COLUMNS_FIRST("r8", "r11", "r12", "r8")
/* R8 holds what sums begin with until its own has begun, last. */
#define TE_COLUMNS_BEGIN "ldr r8, [%[w]], #4\n\t"
#define TE_COLUMNS_SIX_ROWS(widen)                                                                       \
    TE_COLUMNS_BEGIN                                                                                     \
    TE_COLUMNS_LOAD("0", widen) TE_COLUMNS_SIX_SUMS("r8", "r8", "r8", "r8", "r8")                        \
    TE_COLUMNS_LOAD("16", widen) TE_COLUMNS_SIX_SUMS("r2", "r3", "r4", "r5", "r6")                       \
    TE_COLUMNS_LOAD("32", widen) TE_COLUMNS_SIX_SUMS("r2", "r3", "r4", "r5", "r6")
#define TE_COLUMNS_THREE_ROWS(widen)                                                                     \
    TE_COLUMNS_BEGIN                                                                                     \
    TE_COLUMNS_LOAD("0", widen) TE_COLUMNS_THREE_SUMS("r8", "r8")                                        \
    TE_COLUMNS_LOAD("16", widen) TE_COLUMNS_THREE_SUMS("r2", "r3")                                       \
    TE_COLUMNS_LOAD("32", widen) TE_COLUMNS_THREE_SUMS("r2", "r3")
/* The constants of a channel, where its outputs go, how far they are apart, the end of the inputs, and what is
   to be left out of the stores. */
#define TE_COLUMNS_CONSTANTS                             \
    "ldr r9, [%[w]], #4\n\t"                             \
    "ldr r10, [%[w]], #4\n\t"                            \
    "ldr r11, [sp]\n\t"                                  \
    "ldr r12, [sp, #4]\n\t"                              \
    "ldr lr, [sp, #8]\n\t"
#define TE_COLUMNS_MORE ""
#define TE_COLUMNS_LAST                                  \
    "ldr r7, [sp, #12]\n\t"                              \
    "cmp r7, %[x]\n\t"
#define TE_COLUMNS_SCALE(sum)                            \
    "smmla " sum ", " sum ", r9, r10\n\t"                \
    "ssat " sum ", #8, " sum ", asr %[right]\n\t"
/* PC counts from the first store. */
#define TE_COLUMNS_SIX_STORES(last)                          \
    TE_COLUMNS_CONSTANTS last                            \
    "add.w r7, r11, r12, lsl #1\n\t"                     \
    TE_COLUMNS_SCALE("r2") TE_COLUMNS_SCALE("r3") TE_COLUMNS_SCALE("r4")                                 \
    TE_COLUMNS_SCALE("r5") TE_COLUMNS_SCALE("r6") TE_COLUMNS_SCALE("r8")                                 \
    "add.w r9, r11, r12, lsl #2\n\t"                     \
    "add pc, lr\n\t"                                     \
    "nop\n\t"                                            \
    "strb.w r8, [r9, r12]\n\t"                           \
    "strb.w r6, [r9]\n\t"                                \
    "strb.w r5, [r7, r12]\n\t"                           \
    "strb.w r4, [r7]\n\t"                                \
    "strb.w r3, [r11, r12]\n\t"                          \
    "strb.w r2, [r11], #1\n\t"                           \
    "str r11, [sp]\n\t"
#define TE_COLUMNS_THREE_STORES(last)                        \
    TE_COLUMNS_CONSTANTS last                            \
    "add.w r7, r11, r12, lsl #1\n\t"                     \
    TE_COLUMNS_SCALE("r2") TE_COLUMNS_SCALE("r3") TE_COLUMNS_SCALE("r8")                                 \
    "add pc, lr\n\t"                                     \
    "nop\n\t"                                            \
    "strb.w r8, [r7]\n\t"                                \
    "strb.w r3, [r11, r12]\n\t"                          \
    "strb.w r2, [r11], #1\n\t"                           \
    "str r11, [sp]\n\t"
/* R7 may be a compiler's, and is not among those it is told of. */
#define TE_COLUMNS_LOOP(rows, stores)                    \
    "push {r2, r3, r4, r5, r7}\n\t"                      \
    "1:\n\t"                                             \
    rows(TE_COLUMNS_EVEN) stores(TE_COLUMNS_MORE)                         \
    rows(TE_COLUMNS_ODD)                                 \
    "add.w %[x], %[x], %[two]\n\t"                       \
    stores(TE_COLUMNS_LAST)                                               \
    "bne 1b\n\t"                                         \
    "add sp, sp, #16\n\t"                                \
    "pop {r7}\n\t"
/* clang-format on */

#define TE_COLUMNS_FUNCTION(name, rows, stores, size)                                                        \
    static __attribute__((noinline)) const int8_t *name(const uint32_t *inputs, const int8_t *weights,       \
                                                        int8_t *out, int32_t beside, int32_t count,          \
                                                        int32_t pairs) {                                     \
        register const uint32_t *x __asm__("r0") = inputs;                                                   \
        register const int8_t *w __asm__("r1") = weights;                                                    \
        register int8_t *to __asm__("r2") = out;                                                             \
        register int32_t pitch __asm__("r3") = beside;                                                       \
        register int32_t skip __asm__("r4") = ((size) - count) * TE_COLUMNS_STORE;                           \
        register const uint32_t *end __asm__("r5") = inputs + pairs * TE_COLUMNS_WORDS;                      \
        __asm__ volatile(TE_COLUMNS_LOOP(rows, stores)                                                       \
                         : [x] "+&r"(x), [w] "+&r"(w), "+&r"(to), "+&r"(pitch), "+&r"(skip), "+&r"(end)      \
                         : [right] "i"(TE_DEPTHWISE_CONV_2D_DSP_RIGHT), [two] "i"(TE_COLUMNS_WORDS * 4)      \
                         : "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");                     \
        return w;                                                                                            \
    }

/* Eight columns of three rows, for `fours` times four channels. In `inside` are ten bits a row: of four columns
   whether they are in the image, a 0, of the other four, a 1. The first column is at `row`, the others are `pitch`
   bytes apart and rows `step`; those that are not in the image are at `outside`. */
typedef struct te_columns_place {
    int32_t pitch, step;
    const int8_t *outside;
} te_columns_place;

/* clang-format off */
/* The next bit, and another address where it is 0. */
#define TE_COLUMNS_SELECT(at)                            \
    "lsrs r7, r7, #1\n\t"                                \
    "it cc\n\t"                                          \
    "movcc " at ", r9\n\t"
static __attribute__((noinline)) void te_columns_lay(const int8_t *row, uint32_t inside, int32_t fours,
                                                     const te_columns_place *place, uint32_t *to) {
    register const int8_t *x __asm__("r0") = row;
    register uint32_t bits __asm__("r1") = inside | 1u << 3 * TE_COLUMNS_BITS;
    register uint32_t *out __asm__("r2") = to;
    register int32_t count __asm__("r4") = fours;
    register int32_t pitch __asm__("r5") = place->pitch;
    register int32_t next __asm__("r6") = place->step - TE_DEPTHWISE_CONV_2D_DSP_COLUMNS * place->pitch;
    register const int8_t *outside __asm__("r8") = place->outside;
    __asm__ volatile(
        "push {r4, r5, r6, r7, r8}\n\t"
        "mov r7, %[bits]\n\t"
        "mov r1, r4\n\t"
        "1:\n\t"
        "ldr r5, [sp, #4]\n\t"
        "ldr r9, [sp, #16]\n\t"
        "ldr r10, [sp, #8]\n\t"
        "mov r4, %[x]\n\t"
        "add r6, %[x], r5, lsl #1\n\t"
        "add r8, r6, r5\n\t"
        "add %[x], r8, r5\n\t"
        "add r5, r4, r5\n\t"
        TE_COLUMNS_SELECT("r4") TE_COLUMNS_SELECT("r5") TE_COLUMNS_SELECT("r6") TE_COLUMNS_SELECT("r8")
        "lsrs r7, r7, #1\n\t"
        "it cs\n\t"
        "addcs %[x], %[x], r10\n\t"
        "mov r3, r1\n\t"
        "2:\n\t"
        "ldr r9, [r4], #4\n\t"
        "ldr r10, [r5], #4\n\t"
        "ldr r11, [r6], #4\n\t"
        "ldr r12, [r8], #4\n\t"
        "pkhtb lr, r10, r9, asr #16\n\t"
        "pkhbt r9, r9, r10, lsl #16\n\t"
        "pkhtb r10, r12, r11, asr #16\n\t"
        "pkhbt r11, r11, r12, lsl #16\n\t"
        "str lr, [%[out], %[second]]\n\t"
        "str r10, [%[out], %[second] + 4]\n\t"
        "str r11, [%[out], #4]\n\t"
        "str r9, [%[out]], %[four]\n\t"
        "subs r3, r3, #1\n\t"
        "bne 2b\n\t"
        /* Back to the next two words of the first channels. */
        "add lr, r1, r1, lsl #1\n\t"
        "sub %[out], %[out], lr, lsl #5\n\t"
        "add %[out], %[out], #8\n\t"
        "cmp r7, #1\n\t"
        "bne 1b\n\t"
        "pop {r4, r5, r6, r7, r8}\n\t"
        : [x] "+&r"(x), [bits] "+&r"(bits), [out] "+&r"(out), "+&r"(count), "+&r"(pitch), "+&r"(next),
          "+&r"(outside)
        : [second] "i"(TE_COLUMNS_WORDS * 4), [four] "i"(TE_COLUMNS_WORDS * 8)
        : "r3", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
/* clang-format on */

/* `count` outputs, up to six or three, `beside` bytes apart, of `pairs` times two channels from `out` on; gives
   the weights of the next. */
TE_COLUMNS_FUNCTION(te_columns_six, TE_COLUMNS_SIX_ROWS, TE_COLUMNS_SIX_STORES, TE_COLUMNS_SIX)
TE_COLUMNS_FUNCTION(te_columns_three, TE_COLUMNS_THREE_ROWS, TE_COLUMNS_THREE_STORES, TE_COLUMNS_THREE)

#endif
