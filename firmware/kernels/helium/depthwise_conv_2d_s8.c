/* SPDX-License-Identifier: Apache-2.0 */
/* Helium has no product of two vectors with a sum for each lane, but it has the sum of 16 products: so the
   taps of one channel are brought together, and each output is a load and a sum of products.

   A word is four taps of a channel: neighbours in a column, or in a row where that gives fewer words for a
   window. For a stretch of pixels of a row the words of all their columns are made once, side by side for all
   channels, with the interleaving store; a gathering load then takes four words of a window at once.

   Weights, from tinyedge/layout/helium.py: words[channels, rounded up to 4][word], padded with zero taps,
   words of a column (of a row) next to each other, and 16 bytes at the end that may be read. */
#include "kernels/depthwise_conv_2d.h"
#include "kernels/helium/vector.h"

enum {
    TE_DEPTHWISE_S8_WORDS = 2048, /* stack bytes of words */
    TE_DEPTHWISE_S8_BLOCK = 128,  /* channels at a time, at most */
    TE_DEPTHWISE_S8_VECTORS = 8,  /* of four words in a window, at most */
    TE_DEPTHWISE_S8_PIXELS = 2,   /* at a time, to share the loads of weights and scales */
};

/* How windows are made of words. */
typedef struct te_windows {
    int32_t across;  /* 1: a word is four taps of a row; 0: of a column */
    int32_t high;    /* words at each column */
    int32_t wide;    /* columns that give words to a window ... */
    int32_t step;    /* ... and the distance between them */
    int32_t count;   /* high * wide */
    int32_t block;   /* channels at a time */
    int32_t pitch;   /* bytes of one word of these */
    int32_t stretch; /* pixels of a row at a time */
} te_windows;

static inline te_windows te_depthwise_s8_windows(const te_depthwise_conv_2d *p) {
    const int32_t down = (p->kernel_height + 3) / 4 * p->kernel_width;
    const int32_t across = (p->kernel_width + 3) / 4 * p->kernel_height;
    te_windows w;
    w.across = across < down;
    w.high = w.across ? p->kernel_height : (p->kernel_height + 3) / 4;
    w.count = te_min(down, across);
    w.wide = w.count / w.high;
    w.step = w.across ? 4 * p->dilation_x : p->dilation_x;
    /* One word of every channel is left zero: it stands for those that fill up a vector. */
    w.block = te_min((p->out_channels + 15) & ~15, TE_DEPTHWISE_S8_BLOCK);
    w.block = te_min(w.block, TE_DEPTHWISE_S8_WORDS / 4 / (w.count + 1) & ~15);
    w.pitch = w.block * 4;
    /* All inputs of a stretch are read before its first output is written, on which the distance of
       tinyedge/ops/window.py relies: with several blocks of channels it is a single pixel. */
    const int32_t columns = (TE_DEPTHWISE_S8_WORDS / w.pitch - 1) / w.high;
    const int32_t span = (w.wide - 1) * w.step + 1;
    w.stretch = p->out_channels <= w.block && columns >= span ? (columns - span) / p->stride_x + 1 : 1;
    w.stretch = te_min(w.stretch, p->out_width);
    return w;
}

/* Makes the words of `count` columns, from `left` on, `step` apart, for the channels from `in` on. Taps
   outside the input read `pad`; so may those that only fill up a word. */
static inline __attribute__((always_inline)) void
te_depthwise_s8_words(const te_depthwise_conv_2d *p, const te_windows *w, const int8_t *in, const int8_t *pad,
                      const uint8_t *sources, int32_t channels, int32_t top, int32_t left, int32_t count,
                      int32_t step, int8_t *words) {
    const int32_t aside = w->across ? p->dilation_x : 0;
    for (int32_t high = 0; high < w->high; high++) {
        const int8_t *from[4];
        uint32_t width[4];
        for (int32_t i = 0; i < 4; i++) {
            const int32_t row = top + (w->across ? high : high * 4 + i) * p->dilation_y;
            width[i] = row >= 0 && row < p->in_height ? (uint32_t)p->in_width : 0;
            from[i] = in + (row * p->in_width + left + i * aside) * p->in_channels;
        }
        int8_t *to = words + high * w->pitch;
        TE_ROLLED
        for (int32_t column = 0; column < count; column++) {
            const int32_t at = left + column * step;
            const int8_t *tap[4];
            int8_t *group = to;
            for (int32_t i = 0; i < 4; i++) {
                tap[i] = (uint32_t)(at + i * aside) < width[i] ? from[i] : pad;
                from[i] += step * p->in_channels;
            }
            TE_ROLLED
            for (int32_t c = 0; c < channels; c += 16) {
                int8x16x4_t taps;
                const mve_pred16_t inside = vctp8q((uint32_t)(channels - c));
                for (int32_t i = 0; i < 4; i++) {
                    if (p->multiplier > 1) {
                        taps.val[i] = vldrbq_gather_offset_s8(tap[i], vldrbq_u8(sources + c));
                        continue;
                    }
                    taps.val[i] = p->in_channels % 16 == 0 ? vldrbq_s8(tap[i]) : vldrbq_z_s8(tap[i], inside);
                    tap[i] += 16;
                }
                vst4q_s8(group, taps);
                group += 64;
            }
            to += w->high * w->pitch;
        }
    }
}

/* One output of four channels: the sums of products of a window's vector. Moves `at` to the next channels. */
static inline int32x4_t te_depthwise_s8_sums(uint32x4_t *at, const int8x16_t *weights) {
    /* Lanes 0 and 2, then 1 and 3, since one instruction moves two such lanes into a vector. */
    const int32_t a = vmladavq_s8(vreinterpretq_s8_s32(TE_GATHER(at, 4)), weights[0]);
    const int32_t c = vmladavq_s8(vreinterpretq_s8_s32(TE_GATHER(at, 8)), weights[2]);
    const int32_t b = vmladavq_s8(vreinterpretq_s8_s32(TE_GATHER(at, -4)), weights[1]);
    const int32_t d = vmladavq_s8(vreinterpretq_s8_s32(TE_GATHER(at, 8)), weights[3]);
    return (int32x4_t){a, b, c, d};
}

TE_KERNEL te_depthwise_conv_2d_s8_fn te_depthwise_conv_2d_s8_helium;

TE_KERNEL void te_depthwise_conv_2d_s8_helium(const te_depthwise_conv_2d *p, const int8_t *in,
                                              const int8_t *weights, const int32_t *bias,
                                              const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const te_windows w = te_depthwise_s8_windows(p);
    const int32_t vectors = (w.count + 3) / 4;
    /* A stretch of one pixel needs no columns between those of its window. */
    const int32_t step = w.stretch > 1 ? 1 : w.step;
    const int32_t gap = w.stretch > 1 ? w.step : 1;
    const int32_t move = p->stride_x * w.high * w.pitch;
    const int whole = p->out_channels % 4 == 0;
    const int ties = p->out_min < p->out_zero_point;
    const int32x4_t low = vdupq_n_s32(p->out_min), high = vdupq_n_s32(p->out_max);
    int8_t words[TE_DEPTHWISE_S8_WORDS], pad[TE_DEPTHWISE_S8_BLOCK];
    uint8_t sources[TE_DEPTHWISE_S8_BLOCK]; /* input channels of a block, where they have several outputs */
    int8_t *const first_word = words + w.pitch;
    /* Where the words of a stretch's first window are, less the 4 that every load goes ahead first; and 1
       where that moves from window to window. */
    uint32_t places[TE_DEPTHWISE_S8_VECTORS * 4], moves[TE_DEPTHWISE_S8_VECTORS * 4];

    te_fill_s8(pad, p->in_zero_point, w.block);
    te_fill_s8(words, 0, w.pitch);
    for (int32_t i = 0; i < vectors * 4; i++) {
        const int32_t column = i / w.high * gap, word = i % w.high;
        TE_BARRIER(); /* GCC 12 would make vectors of this, and select from them by a wrong predicate */
        moves[i] = i < w.count;
        places[i] =
            (uint32_t)(uintptr_t)(i < w.count ? first_word + (column * w.high + word) * w.pitch : words);
    }
    int32_t known = -1; /* the block that `sources` is of */
    const int32_t stretches = (p->out_width + w.stretch - 1) / w.stretch;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t line = 0; line < p->out_height; line++) {
            const int32_t y = te_turn(line, p->out_height, p->reverse);
            int8_t *const row = out + (batch * p->out_height + y) * p->out_width * p->out_channels;
            for (int32_t i = 0; i < stretches; i++) {
                const int32_t x = te_turn(i, stretches, p->reverse) * w.stretch;
                const int32_t pixels = te_min(p->out_width - x, w.stretch);
                const int32_t columns =
                    w.stretch > 1 ? (pixels - 1) * p->stride_x + (w.wide - 1) * w.step + 1 : w.wide;
                for (int32_t start = 0; start < p->out_channels; start += w.block) {
                    const int32_t channels = te_min(p->out_channels - start, w.block);
                    const int32_t source = start / p->multiplier;
                    if (p->multiplier > 1 && known != start) {
                        known = start;
                        for (int32_t c = 0; c < w.block; c++)
                            sources[c] =
                                (uint8_t)(te_min(start + c, p->out_channels - 1) / p->multiplier - source);
                    }
                    te_depthwise_s8_words(p, &w, image + source, pad, sources, channels,
                                          y * p->stride_y - p->pad_top, x * p->stride_x - p->pad_left,
                                          columns, step, first_word);
                    TE_ROLLED
                    for (int32_t pixel = 0; pixel < pixels; pixel += TE_DEPTHWISE_S8_PIXELS) {
                        uint32x4_t at[TE_DEPTHWISE_S8_PIXELS];
                        int8_t *to[TE_DEPTHWISE_S8_PIXELS];
                        const int8_t *taps = weights + start * w.count * 4;
                        /* Where one pixel is left, it is made twice. */
                        for (int32_t j = 0; j < TE_DEPTHWISE_S8_PIXELS; j++) {
                            const int32_t which = te_min(pixel + j, pixels - 1);
                            at[j] = vaddq_u32(vldrwq_u32(places),
                                              vmulq_n_u32(vldrwq_u32(moves), (uint32_t)(which * move)));
                            at[j] = vsubq_n_u32(at[j], 4);
                            to[j] = row + (x + which) * p->out_channels + start;
                        }
                        TE_BARRIER();
                        TE_ROLLED
                        for (int32_t c = 0; c < channels; c += 4) {
                            const mve_pred16_t lanes = vctp32q((uint32_t)(channels - c));
                            int32x4_t sums[TE_DEPTHWISE_S8_PIXELS];
                            int8x16_t four[4];
                            for (int32_t i = 0; i < 4; i++)
                                four[i] = vldrbq_s8(taps + i * w.count * 4);
                            for (int32_t j = 0; j < TE_DEPTHWISE_S8_PIXELS; j++)
                                sums[j] = te_depthwise_s8_sums(&at[j], four);
                            for (int32_t vector = 1; vector < vectors; vector++) {
                                for (int32_t i = 0; i < 4; i++)
                                    four[i] = vldrbq_s8(taps + i * w.count * 4 + vector * 16);
                                for (int32_t j = 0; j < TE_DEPTHWISE_S8_PIXELS; j++) {
                                    const int32_t which = te_min(pixel + j, pixels - 1);
                                    uint32x4_t there =
                                        vmulq_n_u32(vldrwq_u32(moves + vector * 4), (uint32_t)(which * move));
                                    there = vaddq_u32(there, vldrwq_u32(places + vector * 4));
                                    there = vaddq_n_u32(there, (uint32_t)(c * 4 - 4));
                                    sums[j] = vaddq_s32(sums[j], te_depthwise_s8_sums(&there, four));
                                }
                            }
                            taps += w.count * 16;
                            const te_scales by = te_load_scales(multiplier, shift, p->channel_step, start + c,
                                                                p->fitted, whole, lanes);
                            const int32x4_t base = te_load_s32(bias + start + c, whole, lanes);
                            for (int32_t j = 0; j < TE_DEPTHWISE_S8_PIXELS; j++) {
                                int32x4_t v =
                                    te_requantize_x4(vaddq_s32(sums[j], base), by, p->max_shift, ties);
                                v = vaddq_n_s32(v, p->out_zero_point);
                                te_store_s32_s8(to[j] + c, vminq_s32(vmaxq_s32(v, low), high), whole, lanes);
                            }
                        }
                    }
                }
            }
        }
    }
}
