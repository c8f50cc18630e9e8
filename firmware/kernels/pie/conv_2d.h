/* SPDX-License-Identifier: Apache-2.0 */
/* What only the convolution for the ESP32-S3's vectors needs to know; decided by tinyedge/plan/layout/pie.py.
 */
#ifndef TE_PIE_CONV_2D_H
#define TE_PIE_CONV_2D_H

#include "kernels/conv_2d.h"

typedef struct te_conv_2d_pie {
    int16_t left;   /* s8 and s16_narrow: as te_pie_scaling (output.h) has it */
    int16_t direct; /* 1: a pixel's inputs are read where they are */
    int16_t shift;  /* s16: of all channels, 0 where they have their own */
    int16_t lines;  /* s8: 1: words are those of lines (dot.h), by these two shifts */
    int16_t line_left, line_right;
} te_conv_2d_pie;

/* Multipliers and shifts are in words (dot.h); those by themselves are of no use. In `window` the inputs
   of a pixel are laid, unless direct: whole vectors, and one more. */
typedef void te_conv_2d_s8_pie_fn(const te_conv_2d *p, const te_conv_2d_pie *laid, const int8_t *in,
                                  const int8_t *weights, const int32_t *words, const int32_t *multiplier,
                                  const int8_t *shift, int8_t *out, int8_t *window);

/* With int16 activations, in planes.h's words. In `window` the inputs of a pixel are laid, and their planes:
   whole blocks, and one vector more. */
typedef void te_conv_2d_s16_pie_fn(const te_conv_2d *p, const te_conv_2d_pie *laid, const int16_t *in,
                                   const int8_t *weights, const int32_t *words, const int32_t *multiplier,
                                   const int8_t *shift, int16_t *out, int8_t *window);

/* The same with sums as those of int8, and their words (dot.h). */
typedef void te_conv_2d_s16_narrow_pie_fn(const te_conv_2d *p, const te_conv_2d_pie *laid, const int16_t *in,
                                          const int8_t *weights, const int32_t *words,
                                          const int32_t *multiplier, const int8_t *shift, int16_t *out,
                                          int8_t *window);

#endif
