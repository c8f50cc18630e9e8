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

static inline void te_conv_2d_s16_dsp_clear(int16_t *to, int32_t count) {
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i++) {
        int32_t value = 0;
        TE_NOW(value);
        to[i] = (int16_t)value;
    }
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

TE_KERNEL te_conv_2d_s16_short_fn te_conv_2d_s16_dsp;

TE_KERNEL void te_conv_2d_s16_dsp(const te_conv_2d *restrict p, const int16_t *in, const int8_t *weights,
                                  const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                  int16_t *out) {
    enum {
        PIXELS = TE_CONV_2D_DSP_PIXELS,
        TWO = TE_CONV_2D_DSP_CHANNELS,
        FOUR = TE_CONV_2D_DSP_FOUR,
        BLOCK = TE_CONV_2D_DSP_BLOCK,
        TAPS = TE_CONV_2D_DSP_TAPS
    };
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t size = p->out_channels / p->groups;
    const int32_t pixels = p->out_height * p->out_width;
    /* All inputs are then read before the first output is written, on which the layout's `ahead` relies. */
    const int whole = taps <= TAPS;
    _Alignas(4) int16_t windows[PIXELS * TAPS];
    int32_t sums[PIXELS * BLOCK];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += PIXELS) {
            const int8_t *w = weights;
            const int32_t last_pixel = te_min(PIXELS, pixels - pixel) - 1;
            for (int32_t group = 0; group < p->groups; group++) {
                for (int32_t first = 0; first < size; first += BLOCK) {
                    const int32_t count = te_min(size - first, BLOCK);
                    for (int32_t from = 0; from < taps; from += TAPS) {
                        const int32_t last = te_min(from + TAPS, taps);
                        TE_ROLLED
                        for (int32_t j = 0; j < PIXELS && (first == 0 || !whole); j++) {
                            /* An odd last pixel is made twice. */
                            const int32_t which = te_turn(pixel + te_min(j, last_pixel), pixels, p->reverse);
                            te_conv_2d_s16_lay(p, image, which, group, from, last, te_conv_2d_s16_dsp_copy,
                                               te_conv_2d_s16_dsp_clear, windows + j * TAPS);
                        }
                        TE_ROLLED
                        for (int32_t c = 0; c < count; c += TWO)
                            w = te_conv_2d_s16_dsp_add(windows, w, (last - from + FOUR - 1) / FOUR, from > 0,
                                                       sums + c * PIXELS);
                    }
                    TE_ROLLED
                    for (int32_t j = 0; j <= last_pixel; j++) {
                        const int32_t which = te_turn(pixel + j, pixels, p->reverse);
                        const int32_t start = group * size + first;
                        int16_t *const to = out + (batch * pixels + which) * p->out_channels + start;
                        TE_ROLLED
                        for (int32_t c = 0; c < count; c++) {
                            const int32_t scaled =
                                te_requantize_short(sums[c * PIXELS + j] + bias[start + c],
                                                    multiplier[start + c], shift[start + c]);
                            to[c] = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
                        }
                    }
                }
            }
        }
    }
}
