/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of three output pixels, and the products of two channels' weights with them, in instructions: a
   compiler does not find how thirteen registers suffice. */
#ifndef TE_DSP_TRIPLE_H
#define TE_DSP_TRIPLE_H

#include "kernels/dsp/conv_2d.h"

_Static_assert(TE_CONV_2D_DSP_REACH % 8 == 0, "what fills a window goes in steps of 8 taps");

enum {
    TE_CONV_2D_DSP_CODE = 2 * 12 * 4, /* bytes of the instructions for four taps of two channels */
    TE_CONV_2D_DSP_TURN = 4           /* fours of a turn over the taps */
};

/* The next channel of a group: its constants, and its outputs at three pixels. */
typedef struct te_conv_2d_s8_dsp_channel {
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    int8_t *to[TE_CONV_2D_DSP_TRIPLE];
} te_conv_2d_s8_dsp_channel;

/* Three pixels and their inputs, widened: the last of those in use lie at the end. What fills them goes in
   steps that may end behind them, in `room`. */
typedef struct te_conv_2d_s8_dsp_triple {
    _Alignas(4) int16_t wide[TE_CONV_2D_DSP_TRIPLE][TE_CONV_2D_DSP_REACH];
    int32_t room[2];
    const int16_t *x; /* where the first pixel's begin */
    int32_t skip;     /* bytes of code that the first turn over the taps leaves out */
    int32_t negative; /* whether results below the zero point matter */
    te_conv_2d_s8_dsp_channel at;
    const int8_t *last; /* `shift` behind the last two channels */
    const int8_t *image;
    int32_t pixels[TE_CONV_2D_DSP_TRIPLE];
} te_conv_2d_s8_dsp_triple;

/* Where the next four taps of the pixels and of the weights are, and the sums of two channels at them. */
typedef struct te_conv_2d_s8_dsp_state {
    const int16_t *x;
    const int8_t *weights;
    int32_t sums[TE_CONV_2D_DSP_CHANNELS][TE_CONV_2D_DSP_TRIPLE];
} te_conv_2d_s8_dsp_state;

/* clang-format off */
/* Two taps of two channels: 12 products in 13 cycles, of which the four loads are 5, and in 13 of the 14
   registers. */
#define TE_CONV_2D_DSP_LOAD                          \
    "ldr %[word], [%[w]], #4\n\t"                    \
    "ldr %[x1], [%[x], %[beside]]\n\t"               \
    "ldr %[x2], [%[x], %[beyond]]\n\t"               \
    "ldr %[x0], [%[x]], #4\n\t"
#define TE_CONV_2D_DSP_MULTIPLY                      \
    "sxtb16 %[even], %[word]\n\t"                    \
    "sxtb16 %[word], %[word], ror #8\n\t"            \
    "smlad %[s00], %[even], %[x0], %[s00]\n\t"       \
    "smlad %[s01], %[even], %[x1], %[s01]\n\t"       \
    "smlad %[s02], %[even], %[x2], %[s02]\n\t"       \
    "smlad %[s10], %[word], %[x0], %[s10]\n\t"       \
    "smlad %[s11], %[word], %[x1], %[s11]\n\t"       \
    "smlad %[s12], %[word], %[x2], %[s12]\n\t"
#define TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_LOAD TE_CONV_2D_DSP_MULTIPLY
#define TE_CONV_2D_DSP_STEPS TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP
#define TE_CONV_2D_DSP_LAST                          \
    "ldr %[even], %[end]\n\t" TE_CONV_2D_DSP_LOAD    \
    "cmp %[even], %[x]\n\t" TE_CONV_2D_DSP_MULTIPLY
/* clang-format on */

/* `fours` times four taps of two channels. The end is loaded where it follows a load, into a register that is
   free there. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_two(te_conv_2d_s8_dsp_state *s,
                                                                        int32_t fours) {
    enum { PIXEL = TE_CONV_2D_DSP_REACH * 2 };
    const int16_t *const end = s->x + fours * TE_CONV_2D_DSP_FOUR;
    uint32_t x0, x1, x2, even;
    /* The first turn over two fours begins with the second where their number is odd. */
    uint32_t word = (uint32_t)(fours % 2) * TE_CONV_2D_DSP_CODE;
    __asm__ volatile("add pc, %[word]\n\tnop\n\t"
                     "1:\n\t" TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_LAST
                     "bne 1b"
                     : [x] "+&r"(s->x), [w] "+&r"(s->weights), [s00] "+&r"(s->sums[0][0]),
                       [s01] "+&r"(s->sums[0][1]), [s02] "+&r"(s->sums[0][2]), [s10] "+&r"(s->sums[1][0]),
                       [s11] "+&r"(s->sums[1][1]), [s12] "+&r"(s->sums[1][2]), [x0] "=&r"(x0), [x1] "=&r"(x1),
                       [x2] "=&r"(x2), [word] "+&r"(word), [even] "=&r"(even)
                     : [beside] "i"(PIXEL), [beyond] "i"(2 * PIXEL), [end] "m"(end)
                     : "cc", "memory");
}

/* clang-format off */
#define TE_CONV_2D_DSP_SIX(step)                                                         \
    step("s00", "x1", "x2") step("s01", "x1", "x2") step("s02", "x1", "x2")              \
    step("s10", "word", "even") step("s11", "word", "even") step("s12", "word", "even")
#define TE_CONV_2D_DSP_DOUBLE(sum, first, second) "lsl %[" sum "], %[" sum "], #2\n\t"
#define TE_CONV_2D_DSP_SCALE(sum, first, second)                                         \
    "smmla %[" sum "], %[" sum "], %[" first "], %[" second "]\n\t"
/* With the correction of te_requantize_high. */
#define TE_CONV_2D_DSP_SCALE_ALL(sum, first, second)                                     \
    "smmul %[" sum "], %[" sum "], %[" first "]\n\t"                                     \
    "add %[x0], %[" sum "], #1\n\t"                                                      \
    "asr %[x0], %[x0], #31\n\t"                                                          \
    "add %[" sum "], %[" sum "], %[x0], lsl #1\n\t"                                      \
    "add %[" sum "], %[" sum "], %[" second "]\n\t"
#define TE_CONV_2D_DSP_CLAMP(sum, first, second)  "ssat %[" sum "], #8, %[" sum "]\n\t"
#define TE_CONV_2D_DSP_PUT(to, first, second)                                            \
    "strb %[" first "], [%[" to "]], #1\n\t"                                             \
    "strb %[" second "], [%[" to "]], #1\n\t"
#define TE_CONV_2D_DSP_FIELD(field) "i"(offsetof(te_conv_2d_s8_dsp_triple, field) - TE_CONV_2D_DSP_REACH * 2)

/* All channels up to `last`, two by two, where windows are whole, outputs may be any byte and requantisation
   is the short one; gives the next weights. While products are summed, no register is free: what else is
   needed lies behind the first pixel's inputs, whose end is where `x` then is. The first turn over the taps
   begins `skip` bytes further; PC counts from the label. */
static __attribute__((noinline)) const int8_t *
te_conv_2d_s8_dsp_all(te_conv_2d_s8_dsp_triple *triple, const int8_t *weights) {
    const int16_t *x = triple->wide[1];
    const int16_t *const end = x;
    int32_t s00, s01, s02, s10, s11, s12;
    uint32_t x0, x1, x2, word, even;
    __asm__ volatile(
        "b 1f\n\t"
        "4:\n\t" TE_CONV_2D_DSP_SIX(TE_CONV_2D_DSP_SCALE_ALL)
        "b 3f\n\t"
        "1:\n\t"
        "ldr %[x0], [%[x], %[bias]]\n\t"
        "ldr %[even], [%[x], %[skip]]\n\t"
        "ldr %[s00], [%[x0]], #4\n\t"
        "ldr %[s10], [%[x0]], #4\n\t"
        "str %[x0], [%[x], %[bias]]\n\t"
        "ldr %[x], [%[x], %[start]]\n\t"
        "mov %[s01], %[s00]\n\t"
        "mov %[s02], %[s00]\n\t"
        "mov %[s11], %[s10]\n\t"
        "mov %[s12], %[s10]\n\t"
        "add pc, %[even]\n\t"
        "nop\n\t"
        "2:\n\t"
        TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP
        TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_LAST
        "bne 2b\n\t"
        "ldr %[x0], [%[x], %[multiplier]]\n\t"
        "ldr %[x1], [%[x0]], #4\n\t"
        "ldr %[x2], [%[x0]], #4\n\t"
        "ldr %[word], [%[x0]], #4\n\t"
        "ldr %[even], [%[x0]], #4\n\t"
        "str %[x0], [%[x], %[multiplier]]\n\t"
        "ldr %[x0], [%[x], %[negative]]\n\t"
        TE_CONV_2D_DSP_SIX(TE_CONV_2D_DSP_DOUBLE)
        "cmp %[x0], #0\n\t"
        "bne 4b\n\t"
        TE_CONV_2D_DSP_SIX(TE_CONV_2D_DSP_SCALE)
        "3:\n\t"
        "ldr %[x0], [%[x], %[shift]]\n\t"
        "ldrb %[x1], [%[x0]], #1\n\t"
        "ldrb %[x2], [%[x0]], #1\n\t"
        "str %[x0], [%[x], %[shift]]\n\t"
        "asr %[s00], %[s00], %[x1]\n\t"
        "asr %[s01], %[s01], %[x1]\n\t"
        "asr %[s02], %[s02], %[x1]\n\t"
        "asr %[s10], %[s10], %[x2]\n\t"
        "asr %[s11], %[s11], %[x2]\n\t"
        "asr %[s12], %[s12], %[x2]\n\t"
        "ldr %[x1], [%[x], %[to0]]\n\t"
        "ldr %[x2], [%[x], %[to1]]\n\t"
        "ldr %[word], [%[x], %[to2]]\n\t"
        "ldr %[even], [%[x], %[last]]\n\t"
        TE_CONV_2D_DSP_SIX(TE_CONV_2D_DSP_CLAMP)
        TE_CONV_2D_DSP_PUT("x1", "s00", "s10")
        TE_CONV_2D_DSP_PUT("x2", "s01", "s11")
        TE_CONV_2D_DSP_PUT("word", "s02", "s12")
        "str %[x1], [%[x], %[to0]]\n\t"
        "str %[x2], [%[x], %[to1]]\n\t"
        "str %[word], [%[x], %[to2]]\n\t"
        "cmp %[x0], %[even]\n\t"
        "bne 1b"
        : [x] "+&r"(x), [w] "+&r"(weights), [s00] "=&r"(s00), [s01] "=&r"(s01), [s02] "=&r"(s02),
          [s10] "=&r"(s10), [s11] "=&r"(s11), [s12] "=&r"(s12), [x0] "=&r"(x0), [x1] "=&r"(x1),
          [x2] "=&r"(x2), [word] "=&r"(word), [even] "=&r"(even)
        : [beside] "i"(TE_CONV_2D_DSP_REACH * 2), [beyond] "i"(TE_CONV_2D_DSP_REACH * 4), [end] "m"(end),
          [start] TE_CONV_2D_DSP_FIELD(x), [skip] TE_CONV_2D_DSP_FIELD(skip),
          [negative] TE_CONV_2D_DSP_FIELD(negative), [bias] TE_CONV_2D_DSP_FIELD(at.bias),
          [multiplier] TE_CONV_2D_DSP_FIELD(at.multiplier), [shift] TE_CONV_2D_DSP_FIELD(at.shift),
          [to0] TE_CONV_2D_DSP_FIELD(at.to[0]), [to1] TE_CONV_2D_DSP_FIELD(at.to[1]),
          [to2] TE_CONV_2D_DSP_FIELD(at.to[2]), [last] TE_CONV_2D_DSP_FIELD(last)
        : "cc", "memory");
    return weights;
}
/* clang-format on */

#endif
