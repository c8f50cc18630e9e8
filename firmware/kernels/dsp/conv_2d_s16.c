/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: two output pixels by two channels, two products an instruction.

   The windows of two pixels are laid on the stack, TE_CONV_2D_DSP_TAPS taps at a time. Weights, from
   tinyedge/plan/layout/dsp_short.py: for every group, every TE_CONV_2D_DSP_BLOCK of its channels, every part
   of the window and every two channels (a last one goes with zeros), for every 4 taps 4 bytes of each, in the
   order 0, 2, 1, 3, so that SXTB16 makes neighbours of them. What does not fill a word is zeros. */
#include "kernels/dsp/conv_2d.h"
#include "kernels/short.h"
#include "kernels/unrolled.h"

static inline void te_conv_2d_s16_dsp_copy(int16_t *to, const int16_t *from, int32_t count) {
    int32_t i = 0;
    TE_UNROLLED_BY_4
    for (; i + 2 <= count; i += 2) {
        uint32_t two;
        memcpy(&two, from + i, sizeof two); /* any address, as the core allows */
        TE_NOW(two);                        /* lest this become a call of memcpy */
        memcpy(to + i, &two, sizeof two);
    }
    if (i < count)
        to[i] = from[i];
}

/* clang-format off */
/* Four taps of two channels at two pixels: 16 products in 15 instructions and 13 of the 14 registers. */
#define TE_CONV_2D_S16_DSP_STEP                   \
    "ldrd %[b0], %[b1], [%[x], %[beside]]\n\t"    \
    "ldrd %[a0], %[a1], [%[x]], #8\n\t"           \
    "ldrd %[odd], %[next], [%[w]], #8\n\t"        \
    "sxtb16 %[even], %[odd]\n\t"                  \
    "sxtb16 %[odd], %[odd], ror #8\n\t"           \
    "smlad %[s00], %[even], %[a0], %[s00]\n\t"    \
    "smlad %[s01], %[even], %[b0], %[s01]\n\t"    \
    "smlad %[s00], %[odd], %[a1], %[s00]\n\t"     \
    "smlad %[s01], %[odd], %[b1], %[s01]\n\t"     \
    "sxtb16 %[even], %[next]\n\t"                 \
    "sxtb16 %[odd], %[next], ror #8\n\t"          \
    "smlad %[s10], %[even], %[a0], %[s10]\n\t"    \
    "smlad %[s11], %[even], %[b0], %[s11]\n\t"    \
    "smlad %[s10], %[odd], %[a1], %[s10]\n\t"     \
    "smlad %[s11], %[odd], %[b1], %[s11]\n\t"
/* clang-format on */

/* Sums of two channels at two pixels over `fours` times four taps, to `sums`; added to what is there if
   `more`. Gives the next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s16_dsp_add(const int16_t *x, const int8_t *weights, int32_t fours, int more, int32_t *sums) {
    int32_t s[4];
    TE_UNROLLED
    for (int32_t i = 0; i < 4; i++)
        s[i] = more ? sums[i] : 0;
    const int16_t *const end = x + fours * TE_CONV_2D_DSP_FOUR;
    uint32_t a0, a1, b0, b1, even, odd, next;
    for (int32_t i = fours % 4; i > 0; i--)
        __asm__ volatile(
            TE_CONV_2D_S16_DSP_STEP
            : [x] "+&r"(x), [w] "+&r"(weights), [s00] "+&r"(s[0]), [s01] "+&r"(s[1]), [s10] "+&r"(s[2]),
              [s11] "+&r"(s[3]), [a0] "=&r"(a0), [a1] "=&r"(a1), [b0] "=&r"(b0), [b1] "=&r"(b1),
              [even] "=&r"(even), [odd] "=&r"(odd), [next] "=&r"(next)
            : [beside] "i"(TE_CONV_2D_DSP_TAPS * 2)
            : "memory");
    if (fours >= 4)
        __asm__ volatile(
            "1:\n\t" TE_CONV_2D_S16_DSP_STEP TE_CONV_2D_S16_DSP_STEP
                TE_CONV_2D_S16_DSP_STEP TE_CONV_2D_S16_DSP_STEP "ldr %[even], %[end]\n\t"
            "cmp %[even], %[x]\n\t"
            "bne 1b"
            : [x] "+&r"(x), [w] "+&r"(weights), [s00] "+&r"(s[0]), [s01] "+&r"(s[1]), [s10] "+&r"(s[2]),
              [s11] "+&r"(s[3]), [a0] "=&r"(a0), [a1] "=&r"(a1), [b0] "=&r"(b0), [b1] "=&r"(b1),
              [even] "=&r"(even), [odd] "=&r"(odd), [next] "=&r"(next)
            : [beside] "i"(TE_CONV_2D_DSP_TAPS * 2), [end] "m"(end)
            : "cc", "memory");
    TE_UNROLLED
    for (int32_t i = 0; i < 4; i++)
        sums[i] = s[i];
    return weights;
}

/* The same of `count` channels over `taps` taps. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s16_dsp_block(const int16_t *windows, const int8_t *weights, int32_t taps, int32_t count, int more,
                         int32_t *sums) {
    const int32_t fours = (taps + TE_CONV_2D_DSP_FOUR - 1) / TE_CONV_2D_DSP_FOUR;
    TE_ROLLED
    for (int32_t c = 0; c < count; c += TE_CONV_2D_DSP_CHANNELS)
        weights = te_conv_2d_s16_dsp_add(windows, weights, fours, more, sums + c * TE_CONV_2D_DSP_PIXELS);
    return weights;
}

TE_KERNEL te_conv_2d_s16_short_fn te_conv_2d_s16_dsp;

#define TE_CONV_2D te_conv_2d_s16_dsp
#define TE_PIXELS TE_CONV_2D_DSP_PIXELS
#define TE_BLOCK TE_CONV_2D_DSP_BLOCK
#define TE_TAPS TE_CONV_2D_DSP_TAPS
#define TE_COPY te_conv_2d_s16_dsp_copy
#define TE_CLEAR te_short_clear
#define TE_ADD te_conv_2d_s16_dsp_block
#define TE_OUTPUT(...) te_conv_2d_s16_requantize(__VA_ARGS__, TE_PIXELS, te_requantize_short)
#include "kernels/conv_2d_windows.h"
