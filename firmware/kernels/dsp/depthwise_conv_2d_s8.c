/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: windows of 3 x 3, two products an instruction. The inputs of six outputs of
   a line are laid on the stack, channel by channel, so that neighbours are in the halves of a word: those of a
   cell, up to 64 channels, before any of its outputs is written. Rows that the next line needs, too, stay there if
   there is room for those of all cells.

   Outputs may be any byte. Weights, bias and constants are one stream, from tinyedge/plan/layout/dsp_depthwise.py:
   six words a channel, of which columns.h tells. Channels go by four; where their number is no multiple of
   four, the last four are those that end the pixel, some of them a second time. */
#include "kernels/dsp/columns.h"
#include "kernels/unrolled.h"

enum {
    TE_DEPTHWISE_CONV_2D_DSP_ROWS = 5,  /* of a cell, for which there is room */
    TE_DEPTHWISE_CONV_2D_DSP_KEPT = 16, /* rows that stay, at most */
    TE_DEPTHWISE_CONV_2D_DSP_ROOM = TE_DEPTHWISE_CONV_2D_DSP_ROWS * TE_DEPTHWISE_CONV_2D_DSP_CELL,
    /* Channels of a cell, at most. */
    TE_DEPTHWISE_CONV_2D_DSP_MOST = TE_DEPTHWISE_CONV_2D_DSP_CELL / TE_DEPTHWISE_CONV_2D_DSP_EACH,
};

/* How many rows of a cell stay, of `size` words each. */
static inline int32_t te_depthwise_conv_2d_s8_dsp_keep(int32_t cells, int32_t size, int32_t stride) {
    enum { TAPS = TE_DEPTHWISE_CONV_2D_DSP_TAPS, KEPT = TE_DEPTHWISE_CONV_2D_DSP_KEPT };
    const int32_t some = te_max(TAPS - stride, 0), kept = cells * some;
    const int fits = kept <= KEPT && (kept + TAPS - some) * size <= TE_DEPTHWISE_CONV_2D_DSP_ROOM;
    return fits ? some : 0;
}

/* Which columns from `left` on are in a row of `width`, below a 1. */
static inline uint32_t te_depthwise_conv_2d_s8_dsp_inside(int32_t left, int32_t width, int32_t columns) {
    const int32_t begin = te_max(-left, 0), end = te_min(width - left, columns);
    return (1u << columns) + (end > begin ? (1u << end) - (1u << begin) : 0);
}

/* Rows of `size` words from `words` on: `fresh`, then those that stay, `kept`. */
static inline void te_depthwise_conv_2d_s8_dsp_divide(uint32_t *words, int32_t size, uint32_t **fresh,
                                                      uint32_t **kept, int32_t keep, int32_t cells) {
    for (int32_t i = 0; i < TE_DEPTHWISE_CONV_2D_DSP_TAPS; i++)
        fresh[i] = words + i * size;
    words += (TE_DEPTHWISE_CONV_2D_DSP_TAPS - keep) * size;
    TE_ROLLED
    for (int32_t i = 0; i < keep * cells; i++)
        kept[i] = words + i * size;
}

/* The inputs of `channels` in a row. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_dsp_row(const int8_t *row, uint32_t inside, int32_t channels, int32_t each,
                                int32_t pitch, const int8_t *outside, uint32_t *to) {
    const te_columns_place place = {pitch, channels / TE_DEPTHWISE_CONV_2D_DSP_FOUR, outside};
    if (channels > 0 && each)
        te_columns_lay_each(row, inside, to, &place);
    else if (channels > 0)
        te_columns_lay_second(row, inside, to, &place);
}

/* `count` outputs of `channels`, up to six. Where they are fewer, all are made in `six`. */
static inline __attribute__((always_inline)) const int8_t *
te_depthwise_conv_2d_s8_dsp_outputs(uint32_t *const inputs[3], const int8_t *weights, int32_t channels,
                                    int32_t each, int8_t *out, int32_t pitch, int32_t count, int8_t *six) {
    enum { MOST = TE_DEPTHWISE_CONV_2D_DSP_MOST };
    const int all = count == TE_DEPTHWISE_CONV_2D_DSP_SIX;
    int8_t *const to = all ? out : six;
    const int32_t beside = all ? pitch : MOST;
    weights = each ? te_columns_each(inputs, weights, to, beside, channels)
                   : te_columns_second(inputs, weights, to, beside, channels);
    TE_ROLLED
    for (int32_t i = 0; i < (all ? 0 : count); i++)
        memcpy(out + i * pitch, six + i * MOST, (size_t)channels);
    return weights;
}

/* An image. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_dsp_image(const te_depthwise_conv_2d *p, const int8_t *image, const int8_t *weights,
                                  int8_t *out) {
    enum {
        TAPS = TE_DEPTHWISE_CONV_2D_DSP_TAPS,
        FOUR = TE_DEPTHWISE_CONV_2D_DSP_FOUR,
        SIX = TE_DEPTHWISE_CONV_2D_DSP_SIX,
    };
    const int32_t channels = p->out_channels, up = p->reverse, each = p->stride_x == 1;
    const int32_t per = each ? TE_DEPTHWISE_CONV_2D_DSP_EACH : TE_DEPTHWISE_CONV_2D_DSP_SECOND;
    /* Columns that six outputs need. */
    const int32_t wide = (SIX - 1) * p->stride_x + TAPS;
    const int32_t most = TE_DEPTHWISE_CONV_2D_DSP_CELL / per, pitch = p->in_width * channels;
    const int32_t units = (p->out_width + SIX - 1) / SIX, parts = (channels + most - 1) / most;
    const int32_t size = te_min((channels + FOUR - 1) / FOUR * FOUR, most) * per;
    const int32_t keep = te_depthwise_conv_2d_s8_dsp_keep(units * parts, size, p->stride_y);
    uint32_t words[TE_DEPTHWISE_CONV_2D_DSP_ROOM];
    uint32_t *fresh[TAPS], *kept[TE_DEPTHWISE_CONV_2D_DSP_KEPT];
    te_depthwise_conv_2d_s8_dsp_divide(words, size, fresh, kept, keep, units * parts);
    int8_t outside[TE_DEPTHWISE_CONV_2D_DSP_MOST], six[SIX * TE_DEPTHWISE_CONV_2D_DSP_MOST];
    memset(outside, p->in_zero_point, sizeof outside);

    TE_ROLLED
    for (int32_t j = 0; j < p->out_height; j++) {
        const int32_t line = te_turn(j, p->out_height, up), top = line * p->stride_y - p->pad_top;
        const int32_t begin = j == 0 || up ? 0 : keep, end = j == 0 || !up ? TAPS : TAPS - keep;
        int32_t cell = 0;
        TE_ROLLED
        for (int32_t k = 0; k < units; k++) {
            const int32_t x = te_turn(k, units, up) * SIX, left = x * p->stride_x - p->pad_left;
            const int32_t count = te_min(p->out_width - x, SIX);
            const uint32_t columns = te_depthwise_conv_2d_s8_dsp_inside(left, p->in_width, wide);
            const int8_t *w = weights;
            TE_ROLLED
            for (int32_t channel = 0; channel < channels; channel += most) {
                const int32_t some = te_min(channels - channel, most), whole = some / FOUR * FOUR;
                /* In the order of lines, the last to be laid in place of one that is no longer needed. */
                uint32_t *first = fresh[2], *middle = fresh[1], *const last = fresh[0];
                if (keep > 0) {
                    first = kept[cell];
                    fresh[0] = first;
                }
                if (keep > 1) {
                    middle = kept[cell + 1];
                    kept[cell++] = middle;
                }
                if (keep > 0)
                    kept[cell++] = last;
                uint32_t *of_cell[TAPS] = {up ? last : first, middle, up ? first : last};
                TE_ROLLED
                for (int32_t i = begin; i < end; i++) {
                    const int32_t y = top + i;
                    const uint32_t inside = y >= 0 && y < p->in_height ? columns : 1u << wide;
                    const int8_t *const row = te_beside_s8(image, y * pitch + left * channels);
                    te_depthwise_conv_2d_s8_dsp_row(te_beside_s8(row, channel), inside, whole, each, channels,
                                                    outside, of_cell[i]);
                    if (whole < some)
                        te_depthwise_conv_2d_s8_dsp_row(te_beside_s8(row, channels - FOUR), inside, FOUR,
                                                        each, channels, outside, of_cell[i] + whole * per);
                }
                int8_t *const to = out + (line * p->out_width + x) * channels;
                if (whole > 0)
                    w = te_depthwise_conv_2d_s8_dsp_outputs(of_cell, w, whole, each, to + channel, channels,
                                                            count, six);
                if (whole < some) {
                    for (int32_t i = 0; i < TAPS; i++)
                        of_cell[i] += whole * per;
                    w = te_depthwise_conv_2d_s8_dsp_outputs(of_cell, w, FOUR, each, to + channels - FOUR,
                                                            channels, count, six);
                }
            }
        }
    }
}

TE_KERNEL te_depthwise_conv_2d_s8_fn te_depthwise_conv_2d_s8_dsp;

TE_KERNEL void te_depthwise_conv_2d_s8_dsp(const te_depthwise_conv_2d *restrict p, const int8_t *in,
                                           const int8_t *weights, const int32_t *bias,
                                           const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    (void)bias, (void)multiplier, (void)shift;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        te_depthwise_conv_2d_s8_dsp_image(p, in + batch * p->in_height * p->in_width * p->in_channels,
                                          weights,
                                          out + batch * p->out_height * p->out_width * p->out_channels);
    }
}
