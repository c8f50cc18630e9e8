/* SPDX-License-Identifier: Apache-2.0 */
/* What only the depthwise convolution for the ESP32-S3's vectors needs to know; decided by
   tinyedge/plan/layout/pie.py. */
#ifndef TE_PIE_DEPTHWISE_CONV_2D_H
#define TE_PIE_DEPTHWISE_CONV_2D_H

#include "kernels/depthwise_conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_DEPTHWISE_CONV_2D_PIE_BITS = 20,  /* of a lane */
    TE_DEPTHWISE_CONV_2D_PIE_WORDS = 12, /* of what all lanes start with */
};

typedef struct te_depthwise_conv_2d_pie {
    int16_t left;  /* s8: as te_pie_scaling (output.h) has it: 2 or 0 */
    int16_t shift; /* s16: of all channels, 0 where they have their own */
    int16_t
        lines; /* s8: 1: scales are those of lines (tinyedge/arithmetic/bare_line.py), there are no biases */
    int16_t line_right; /* the shift of all of these; that to the left is what a lane lacks of a word */
} te_depthwise_conv_2d_pie;

typedef void te_depthwise_conv_2d_s8_pie_fn(const te_depthwise_conv_2d *p,
                                            const te_depthwise_conv_2d_pie *laid, const int8_t *in,
                                            const int8_t *weights, const int32_t *bias, const int32_t *scales,
                                            const int8_t *shift, int8_t *out);

/* With int16 activations: multiplier and shift of every channel for te_requantize_short. */
typedef void te_depthwise_conv_2d_s16_pie_fn(const te_depthwise_conv_2d *p,
                                             const te_depthwise_conv_2d_pie *laid, const int16_t *in,
                                             const int16_t *weights, const int32_t *bias,
                                             const int32_t *multiplier, const int8_t *shift, int16_t *out);

#endif
