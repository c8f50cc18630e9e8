/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of an output pixel's window, widened to 16 bits by SXTB16 and so taps 0, 2, 1, 3 of every four. */
#ifndef TE_DSP_GATHER_H
#define TE_DSP_GATHER_H

#include <arm_acle.h>

#include "kernels/dsp/conv_2d.h"
#include "kernels/taps.h"
#include "kernels/unrolled.h"

/* Any address, as the core allows. */
static inline uint32_t te_conv_2d_s8_dsp_word(const void *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* Bytes 0 and 2 of a word, or 1 and 3, as two numbers of 16 bits. */
static inline int16x2_t te_conv_2d_s8_dsp_even(uint32_t word) { return __sxtb16((int8x4_t)word); }

static inline int16x2_t te_conv_2d_s8_dsp_odd(uint32_t word) {
    return __sxtb16((int8x4_t)(word >> 8 | word << 24));
}

/* Stores two words at *to, which moves on by them; STRD would take a cycle more. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_keep(void **to, uint32_t low,
                                                                         uint32_t high) {
    __asm__ volatile("str %2, [%0, #4]\n\tstr %1, [%0], #8" : "+&r"(*to) : "r"(low), "r"(high) : "memory");
}

/* Widens eight bytes, with few registers, so that none needs to be saved. A load behind a load takes one
 * cycle. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_widen_two(void **to,
                                                                              const int8_t **from) {
    uint32_t first, second, odd;
    __asm__ volatile("ldr %0, [%4], #4\n\t"
                     "ldr %1, [%4], #4\n\t"
                     "sxtb16 %2, %0, ror #8\n\t"
                     "sxtb16 %0, %0\n\t"
                     "str %2, [%3, #4]\n\t"
                     "str %0, [%3], #8\n\t"
                     "sxtb16 %2, %1, ror #8\n\t"
                     "sxtb16 %1, %1\n\t"
                     "str %2, [%3, #4]\n\t"
                     "str %1, [%3], #8"
                     : "=&r"(first), "=&r"(second), "=&r"(odd), "+&r"(*to), "+&r"(*from)
                     :
                     : "memory");
}

/* Widens `count` bytes, filled up to a multiple of four, which may lie in the second half of what they
 * become. */
static __attribute__((noinline)) void te_conv_2d_s8_dsp_widen(int16_t *wide, const int8_t *bytes,
                                                              int32_t count) {
    enum { FOUR = TE_CONV_2D_DSP_FOUR };
    void *to = wide;
    TE_ROLLED
    for (; count > 3 * FOUR; count -= 4 * FOUR) {
        te_conv_2d_s8_dsp_widen_two(&to, &bytes);
        te_conv_2d_s8_dsp_widen_two(&to, &bytes);
    }
    if (count > FOUR) {
        te_conv_2d_s8_dsp_widen_two(&to, &bytes);
        count -= 2 * FOUR;
    }
    if (count > 0) {
        const uint32_t word = te_conv_2d_s8_dsp_word(bytes);
        te_conv_2d_s8_dsp_keep(&to, (uint32_t)te_conv_2d_s8_dsp_even(word),
                               (uint32_t)te_conv_2d_s8_dsp_odd(word));
    }
}

static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_copy(int8_t *to, const int8_t *from,
                                                                         int32_t count) {
    int32_t i = 0;
    for (; i + TE_CONV_2D_DSP_FOUR <= count; i += TE_CONV_2D_DSP_FOUR) {
        const uint32_t word = te_conv_2d_s8_dsp_word(from + i);
        memcpy(to + i, &word, sizeof word);
    }
    for (; i < count; i++)
        to[i] = from[i];
}

/* Whether windows are the pixels of the input, each whole words. */
static inline int te_conv_2d_s8_dsp_points(const te_conv_2d *p) {
    return p->in_channels % TE_CONV_2D_DSP_FOUR == 0 && p->groups == 1 && p->kernel_height == 1 &&
           p->kernel_width == 1 && p->stride_y == 1 && p->stride_x == 1 && p->pad_top == 0 &&
           p->pad_left == 0 && p->in_width == p->out_width && p->in_height == p->out_height;
}

/* Inputs from to `to` - 1 of a group's window at output `pixel`, in the order of its weights. Where runs of
   them are whole words, they are widened as they come; else bytes are collected first. */
TE_KERNEL void te_conv_2d_s8_dsp_gather(const te_conv_2d *restrict p, const int8_t *image, int32_t pixel,
                                        int32_t group, int32_t from, int32_t to, int16_t *wide) {
    const int32_t depth = p->in_channels / p->groups;
    const int words = depth % TE_CONV_2D_DSP_FOUR == 0;
    const int32_t line = p->kernel_width * depth;
    const int32_t step = p->dilation_y * p->in_width * p->in_channels;
    const int32_t top = pixel / p->out_width * p->stride_y - p->pad_top;
    const int32_t left = pixel % p->out_width * p->stride_x - p->pad_left;
    const int parted = to - from < p->kernel_height * line;
    const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
    const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
    const int32_t inside = columns.last - columns.first;
    const int32_t run = p->dilation_x == 1 && p->groups == 1 ? inside : 1;
    /* From the image, which a pointer must not leave. */
    const int32_t row = (top * p->in_width + left) * p->in_channels + group * depth;
    int8_t *const bytes = (int8_t *)wide + (words ? 0 : (to - from + 3) / 4 * 4);

    if (te_conv_2d_s8_dsp_points(p)) {
        te_conv_2d_s8_dsp_widen(wide, image + pixel * p->in_channels + from, to - from);
        return;
    }

    if (rows.last - rows.first < p->kernel_height || inside < p->kernel_width) {
        const uint32_t outside =
            words ? (uint16_t)p->in_zero_point * 0x10001u : (uint8_t)p->in_zero_point * 0x1010101u;
        void *at = bytes;
        /* Two stores of words a turn: where their number is odd, the last has room, too. */
        TE_ROLLED
        for (int32_t i = 0; i < to - from; i += 8) {
            te_conv_2d_s8_dsp_keep(&at, outside, outside);
            if (words)
                te_conv_2d_s8_dsp_keep(&at, outside, outside);
        }
    } else if (!words) {
        memset(bytes + to - from, 0, (size_t)(from - to) % TE_CONV_2D_DSP_FOUR);
    }
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int all = run == p->kernel_width && !parted;
        for (int32_t kx = all ? 0 : columns.first; kx < columns.last; kx += all ? p->kernel_width : run) {
            const int32_t start = ky * line + kx * depth;
            const int32_t first = parted ? te_max(start, from) : start;
            const int32_t end = start + (all ? line : run * depth);
            const int32_t count = (parted ? te_min(end, to) : end) - first;
            const int8_t *x = image + (row + ky * step + kx * p->dilation_x * p->in_channels + first - start);
            if (words)
                te_conv_2d_s8_dsp_widen(wide + first - from, x, count);
            else if (all)
                te_conv_2d_s8_dsp_copy(bytes + first - from, x, line);
            else
                te_conv_2d_s8_dsp_copy(bytes + first - from, x, count);
        }
    }
    if (!words)
        te_conv_2d_s8_dsp_widen(wide, bytes, to - from);
}

#endif
