/* SPDX-License-Identifier: Apache-2.0 */
/* A convolution of int16 activations, by 16 products of bytes an instruction (planes.h): TE_CONV(end) is as in
   conv_2d_body.h, TE_SCALED(p, laid, sum, word) what a channel's sum becomes. Included once for each. */
#include "kernels/pie/conv_2d.h"
#include "kernels/pie/planes.h"

/* All outputs of a pixel of the group that begins with `channel`, whose inputs are at `from`; planes that are not
   held are laid in `window`. */
TE_PIE_INLINE void TE_CONV(_pie_outputs)(te_pie *s, const te_conv_2d *p, const te_conv_2d_pie *laid,
                                         const int8_t *weights, const int32_t *words, int32_t channel,
                                         const int8_t *from, int8_t *window, int16_t *out) {
    const int32_t depth = p->in_channels / p->groups, taps = p->kernel_height * p->kernel_width * depth;
    const int32_t blocks = (taps + TE_PIE_BLOCK - 1) / TE_PIE_BLOCK;
    const int8_t *mask = weights, *w = weights + (1 + channel * blocks) * TE_PIE_VECTOR;
    const int32_t *word = words + channel * TE_PIE_WORDS;
    TE_PIE_VLD(s, 7, mask, 0); /* behind what gathers, which uses Q7 */
    if (laid->direct && 2 * depth % TE_PIE_VECTOR != 0) {
        te_pie_hold_any(s, from, (2 * depth + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR);
        te_pie_hold_planes(s, blocks);
    } else {
        te_pie_take_planes(s, from, taps, blocks, window);
    }
    TE_PIE_VLD(s, 7, w, 16);
    for (int32_t c = 0; c < p->out_channels / p->groups; c++) {
        const int32_t right = word[1], multiplier = word[2], added = word[3];
        const int32_t sum = te_pie_sum(s, &word, &w, window, blocks);
        out[c] = TE_SCALED(p, laid, sum, right, multiplier, added);
    }
    (void)mask;
    (void)w;
    (void)s;
}

#define TE_ELEMENT int16_t
#define TE_OUTPUTS TE_CONV(_pie_outputs)
#include "kernels/pie/conv_2d_body.h"

#undef TE_SCALED
