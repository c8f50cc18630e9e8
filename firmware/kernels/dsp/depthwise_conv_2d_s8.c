/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: windows of 3 x 3, two products an instruction. Inputs of eight columns
   are laid on the stack, channel by channel, so that neighbours are in the halves of a word: up to 64 channels
   before the first output is written.

   Outputs may be any byte. Weights, bias and constants are one stream, from tinyedge/plan/layout/dsp_depthwise.py:
   six words a channel, of which columns.h tells. Channels go by four; where their number is no multiple of
   four, the last four are those that end the pixel, some of them a second time. */
#include "kernels/dsp/columns.h"
#include "kernels/unrolled.h"

enum {
    TE_DEPTHWISE_CONV_2D_DSP_MOST = TE_DEPTHWISE_CONV_2D_DSP_CHANNELS /
        TE_DEPTHWISE_CONV_2D_DSP_FOUR,                                   /* fours on the stack */
    TE_DEPTHWISE_CONV_2D_DSP_WORDS = 2 * TE_COLUMNS_WORDS,               /* of the inputs of four channels */
    TE_DEPTHWISE_CONV_2D_DSP_ROW = TE_DEPTHWISE_CONV_2D_DSP_COLUMNS / 2, /* words of a row of two channels */
};

/* Which of eight columns from `left` on are in a row, as te_columns_lay takes them. */
static inline uint32_t te_depthwise_conv_2d_s8_dsp_inside(const te_depthwise_conv_2d *p, int32_t left) {
    enum { COLUMNS = TE_DEPTHWISE_CONV_2D_DSP_COLUMNS };
    const int32_t begin = te_clamp(-left, 0, COLUMNS), end = te_clamp(p->in_width - left, begin, COLUMNS);
    const uint32_t set = (1u << end) - (1u << begin);
    return (set & 15) | set >> 4 << 5;
}

/* `count` outputs of a row, from pixel `to` on, whose windows begin at row `top` and column `left`; inputs that
 * are not in the image are those at `outside`. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_dsp_pixels(const te_depthwise_conv_2d *p, const int8_t *image, int32_t top,
                                   int32_t left, const int8_t *outside, const int8_t *weights, int32_t count,
                                   int8_t *to) {
    enum { FOUR = TE_DEPTHWISE_CONV_2D_DSP_FOUR, MOST = TE_DEPTHWISE_CONV_2D_DSP_MOST };
    const int32_t channels = p->out_channels, whole = channels / FOUR, fours = (channels + FOUR - 1) / FOUR;
    const uint32_t columns = te_depthwise_conv_2d_s8_dsp_inside(p, left);
    const te_columns_place place = {channels, p->in_width * channels, outside};
    const int8_t *const from = te_beside_s8(image, (top * p->in_width + left) * channels);
    uint32_t strip[MOST * TE_DEPTHWISE_CONV_2D_DSP_WORDS], inside = 0;
    TE_UNROLLED
    for (int32_t ky = 0; ky < TE_DEPTHWISE_CONV_2D_DSP_TAPS; ky++) {
        const uint32_t row = top + ky >= 0 && top + ky < p->in_height ? columns : 0;
        inside |= (row | 1u << (TE_COLUMNS_BITS - 1)) << ky * TE_COLUMNS_BITS;
    }
    for (int32_t first = 0; first < fours; first += MOST) {
        const int32_t some = te_min(fours - first, MOST), all = te_min(some, whole - first);
        uint32_t *const last = strip + all * TE_DEPTHWISE_CONV_2D_DSP_WORDS;
        if (all > 0)
            te_columns_lay(te_beside_s8(from, first * FOUR), inside, all, &place, strip);
        if (all < some)
            te_columns_lay(te_beside_s8(from, channels - FOUR), inside, 1, &place, last);
        const int six = p->stride_x == 1;
        if (all > 0 && six)
            weights = te_columns_six(strip, weights, to + first * FOUR, channels, count, 2 * all);
        else if (all > 0)
            weights = te_columns_three(strip, weights, to + first * FOUR, channels, count, 2 * all);
        if (all < some && six)
            weights = te_columns_six(last, weights, to + channels - FOUR, channels, count, 2);
        else if (all < some)
            weights = te_columns_three(last, weights, to + channels - FOUR, channels, count, 2);
    }
}

TE_KERNEL te_depthwise_conv_2d_s8_fn te_depthwise_conv_2d_s8_dsp;

TE_KERNEL void te_depthwise_conv_2d_s8_dsp(const te_depthwise_conv_2d *restrict p, const int8_t *in,
                                           const int8_t *weights, const int32_t *bias,
                                           const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    (void)bias, (void)multiplier, (void)shift;
    const int32_t size = p->stride_x == 1 ? TE_COLUMNS_SIX : TE_COLUMNS_THREE;
    const int32_t units = (p->out_width + size - 1) / size;
    int8_t outside[TE_DEPTHWISE_CONV_2D_DSP_CHANNELS];
    memset(outside, p->in_zero_point, (size_t)te_min(p->in_channels, TE_DEPTHWISE_CONV_2D_DSP_CHANNELS));
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            TE_ROLLED
            for (int32_t k = 0; k < units; k++) {
                const int32_t x = te_turn(k, units, p->reverse) * size;
                te_depthwise_conv_2d_s8_dsp_pixels(
                    p, image, y * p->stride_y - p->pad_top, x * p->stride_x - p->pad_left, outside, weights,
                    te_min(p->out_width - x, size),
                    out + ((batch * p->out_height + y) * p->out_width + x) * p->out_channels);
            }
        }
    }
}
