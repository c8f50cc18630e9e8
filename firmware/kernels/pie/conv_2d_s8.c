/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 16 products an instruction (dot.h). */
#include "kernels/pie/conv_2d.h"
#include "kernels/pie/dot.h"

/* All outputs of a pixel of the group that begins with `channel`, whose inputs are at `from`. */
TE_PIE_INLINE void te_conv_2d_s8_pie_outputs(te_pie *s, const te_conv_2d *p, const te_conv_2d_pie *laid,
                                             const int8_t *weights, const int32_t *words, int32_t channel,
                                             const int8_t *from, int8_t *window, int8_t *out) {
    const int32_t depth = p->in_channels / p->groups, taps = p->kernel_height * p->kernel_width * depth;
    const int32_t vectors = (taps + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR;
    const te_pie_channels layer = {
        .weights = weights + channel * vectors * TE_PIE_VECTOR,
        .words = words + channel * (laid->lines ? TE_PIE_LINE : TE_PIE_WORDS),
        .count = p->out_channels / p->groups,
        .scaling = {laid->lines ? laid->line_left : laid->left, 0,
                    !laid->lines && p->out_min < p->out_zero_point, p->out_zero_point, p->out_min,
                    p->out_max},
        .right = laid->line_right,
        .zeros = weights + p->out_channels * vectors * TE_PIE_VECTOR,
    };
    (void)window;
    if (laid->direct && depth % TE_PIE_VECTOR != 0)
        te_pie_hold_any(s, from, vectors);
    else
        te_pie_hold(s, from, vectors);
    if (laid->lines)
        te_pie_outputs(s, &layer, from, vectors, 1, out);
    else
        te_pie_outputs(s, &layer, from, vectors, 0, out);
}

#define TE_ELEMENT int8_t
#define TE_CONV(end) te_conv_2d_s8##end
#define TE_OUTPUTS te_conv_2d_s8_pie_outputs
#include "kernels/pie/conv_2d_body.h"
