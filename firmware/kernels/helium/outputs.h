/* SPDX-License-Identifier: Apache-2.0 */
/* The outputs of four pixels of a convolution, from their sums. */
#ifndef TE_HELIUM_OUTPUTS_H
#define TE_HELIUM_OUTPUTS_H

#include "kernels/helium/conv_2d.h"
#include "kernels/helium/vector.h"
#include "kernels/unrolled.h"

/* Where pixels and their inputs are, and how taps are ordered. */
typedef struct te_conv_2d_s8_strip {
    int32_t depth;   /* channels of a group */
    int32_t column;  /* bytes of a column of the strip */
    int32_t step;    /* bytes from a pixel's inputs to the next one's */
    int32_t vectors; /* of a window */
    int slide;       /* 1: windows slide over whole vectors */
    int32_t lines;   /* 1 where the rows of the output count as one */
    int late;        /* 1: laid group by group and part by part, while outputs are written */
    int packed;      /* 1: the multiplier of a channel holds its shift, too */
    int drawn;       /* 1: lines give the outputs */
} te_conv_2d_s8_strip;

/* Four channels' outputs of a pixel, less the zero point or, of lines, what they add. */
static inline __attribute__((always_inline)) int32x4_t te_conv_2d_s8_scale(te_conv_2d_s8_strip s,
                                                                           const int32_t *sums,
                                                                           int32x4_t base, te_scales by,
                                                                           int32_t max_shift, int ties) {
    const int32x4_t v = vaddq_s32(vldrwq_s32(sums), base);
    return s.drawn ? vqrdmulhq_s32(v, by.multiplier) : te_requantize_x4(v, by, max_shift, ties);
}

/* Four channels' outputs at two pixels, or at one. */
static inline __attribute__((always_inline)) int16x8_t te_conv_2d_s8_finish_two(
    const te_conv_2d *p, te_conv_2d_s8_strip s, const int32_t *sums, int32x4_t base, te_scales by, int one) {
    const int any = p->out_min == INT8_MIN && p->out_max == INT8_MAX;
    const int ties = p->out_min < p->out_zero_point;
    const int32x4_t even = te_conv_2d_s8_scale(s, sums, base, by, p->max_shift, ties);
    const int32x4_t odd = one ? even : te_conv_2d_s8_scale(s, sums + 4, base, by, p->max_shift, ties);
    int16x8_t v = vqmovntq_s32(vqmovnbq_s32(vreinterpretq_s16_s32(even), even), odd);
    v = s.drawn ? vqaddq_s16(v, vreinterpretq_s16_s32(by.shift)) : vqaddq_n_s16(v, p->out_zero_point);
    return any ? vreinterpretq_s16_s8(vqmovnbq_s16(vreinterpretq_s8_s16(v), v))
               : vminq_s16(vmaxq_s16(v, vdupq_n_s16(p->out_min)), vdupq_n_s16(p->out_max));
}

/* Four channels' outputs of all pixels, of two at a time in turn: for shapes that are constants. What is
   stored to many places keeps loads waiting, so that all are made before the first is stored. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_finish_twos(const te_conv_2d *p, te_conv_2d_s8_strip s, const int32_t *sums, int32x4_t base,
                          te_scales by, int32_t some, int8_t *out) {
    const uint16x8_t lane = vidupq_n_u16(0, 1);
    const uint16x8_t places =
        vmlaq_n_u16(vshrq_n_u16(lane, 1), vandq_u16(lane, vdupq_n_u16(1)), (uint16_t)p->out_channels);
    int16x8_t made[TE_CONV_2D_HELIUM_PIXELS / 2];
    TE_UNROLLED
    for (int32_t j = 0; j < some; j += 2)
        made[j / 2] = te_conv_2d_s8_finish_two(p, s, sums + j * 4, base, by, j + 1 == some);
    TE_UNROLLED
    for (int32_t j = 0; j < some; j += 2) {
        if (j + 1 == some)
            vstrbq_s32(out, vreinterpretq_s32_s16(made[j / 2]));
        else
            vstrbq_scatter_offset_s16(out, places, made[j / 2]);
        out += 2 * p->out_channels;
    }
}

/* `count` outputs, from channel `first` on, of `some` of `pixels` pixels from their sums. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_finish(const te_conv_2d *p, te_conv_2d_s8_strip s, const int32_t *sums, const int32_t *bias,
                     const int32_t *multiplier, const int8_t *shift, int32_t first, int32_t count,
                     int32_t pixels, int32_t some, int8_t *out) {
    const int32x4_t low = vdupq_n_s32(p->out_min), high = vdupq_n_s32(p->out_max);
    const int ties = p->out_min < p->out_zero_point;
    /* Whole fours of channels, of shapes that are constants. */
    const int whole = __builtin_constant_p(p->out_channels) && __builtin_constant_p(some) &&
                      p->out_channels / p->groups % 4 == 0;
    /* Once: where they are no constants, compilers would read them again after every store. */
    const int32_t max_shift = p->max_shift, zero_point = p->out_zero_point, pitch = p->out_channels;
    TE_ROLLED
    for (int32_t i = 0; i < count; i += 4) {
        const int32_t c = first + i;
        const mve_pred16_t lanes = vctp32q((uint32_t)(count - i));
        te_scales by;
        if (s.drawn) {
            by.multiplier = te_load_s32(multiplier + c, whole, lanes);
            /* In both halves of a word: of a channel at two pixels. */
            const int16_t *const added = (const int16_t *)(const void *)(multiplier + pitch) + c;
            by.shift = whole ? vldrhq_s32(added) : vldrhq_z_s32(added, lanes);
            by.shift = vsliq_n_s32(by.shift, by.shift, 16);
        } else {
            by = te_load_scales(multiplier, shift, p->channel_step, c, s.packed, whole, lanes);
        }
        const int32x4_t base = te_load_s32(bias + c, whole, lanes);
        if (whole)
            te_conv_2d_s8_finish_twos(p, s, sums, base, by, some, out + c);
        for (int32_t j = 0; j < some && !whole; j++) {
            int32x4_t v = te_conv_2d_s8_scale(s, sums + j * 4, base, by, max_shift, ties);
            v = s.drawn ? vaddq_s32(v, vshrq_n_s32(by.shift, 16)) : vaddq_n_s32(v, zero_point);
            TE_KEEP_STORED();
            vstrbq_p_s32(out + j * pitch + c, vminq_s32(vmaxq_s32(v, low), high), lanes);
        }
        sums += pixels * 4;
    }
}

#endif
