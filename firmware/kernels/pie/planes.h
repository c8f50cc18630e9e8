/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of products of int16 inputs and int8 weights, by 16 products of bytes an instruction.

   An input is 256 times its upper byte plus its lower one. Of 16 inputs, a block, the lower bytes, less 128 so
   that they have a sign, are one vector, and the upper ones the next. Both are multiplied by the same weights,
   lower ones first. What the 128 lack is in the bias.

   Weights are 16 bytes of 128, then as in dot.h. A channel has four words: bias, and what its requantisation
   takes, a shift from 0 to 127 first: EE.LD.ACCX.IP takes both. No sum comes near the limits of ACCX: the
   layout takes only those that fit 32 bits (tinyedge/plan/layout/pie_short.py). */
#ifndef TE_PIE_PLANES_H
#define TE_PIE_PLANES_H

#include "kernels/pie/dot.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_PIE_BLOCK = 16,      /* inputs, which are two vectors before and after */
    TE_PIE_BLOCKS_HELD = 3, /* the last of a pixel, in Q0 to Q5 */
};

/* Blocks that do not stay in registers. */
TE_PIE_INLINE int32_t te_pie_blocks_laid(int32_t blocks) { return te_max(blocks - TE_PIE_BLOCKS_HELD, 0); }

/* The planes of those blocks, from vectors at `from` to `to`, which may be `from`. Q7 is the 16 bytes of 128. */
TE_PIE_INLINE void te_pie_lay_planes(te_pie *s, const int8_t *from, int32_t blocks, int8_t *to) {
    TE_PIE_FENCE();
    TE_UNROLLED_BY_8
    for (int32_t i = 0; i < te_pie_blocks_laid(blocks); i++) {
        TE_PIE_VLD(s, 5, from, 16);
        TE_PIE_VLD(s, 6, from, 16);
        TE_PIE_UNZIP(s, 5, 6);
        TE_PIE_XOR(s, 5, 5, 7);
        TE_PIE_VST(s, 5, to, 16);
        TE_PIE_VST(s, 6, to, 16);
    }
    (void)s;
}

/* The planes of the other blocks, whose inputs te_pie_hold or te_pie_hold_any left in Q0 and on. */
TE_PIE_INLINE void te_pie_hold_planes(te_pie *s, int32_t blocks) {
    TE_PIE_UNZIP(s, 0, 1);
    TE_PIE_XOR(s, 0, 0, 7);
    if (blocks > 1) {
        TE_PIE_UNZIP(s, 2, 3);
        TE_PIE_XOR(s, 2, 2, 7);
    }
    if (blocks > 2) {
        TE_PIE_UNZIP(s, 4, 5);
        TE_PIE_XOR(s, 4, 4, 7);
    }
    (void)s;
}

/* Planes of all `blocks` of a pixel with `taps` inputs, which are vectors at `from`; those that are not held
   go to `window`. */
TE_PIE_INLINE void te_pie_take_planes(te_pie *s, const int8_t *from, int32_t taps, int32_t blocks,
                                      int8_t *window) {
    const int32_t laid = te_pie_blocks_laid(blocks);
    const int32_t vectors = (2 * taps + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR;
    te_pie_lay_planes(s, from, blocks, window);
    te_pie_hold(s, from + 2 * laid * TE_PIE_VECTOR, vectors - 2 * laid);
    te_pie_hold_planes(s, blocks);
}

/* A plane's products, those of the last block with the weights at `last`; a, b and c are where it is held. */
#define TE_PIE_PLANE(s, w, x, blocks, a, b, c, last)                                                         \
    do {                                                                                                     \
        TE_UNROLLED_BY_8                                                                                     \
        for (int32_t i = TE_PIE_BLOCKS_HELD; i < (blocks); i++) {                                            \
            TE_PIE_VLD(s, 6, x, 32);                                                                         \
            TE_PIE_MAC_LD(s, 7, w, 16, 6, 7);                                                                \
        }                                                                                                    \
        if ((blocks) == 1) {                                                                                 \
            last;                                                                                            \
            TE_PIE_MAC_LD(s, 7, w, 16, a, 7);                                                                \
        } else if ((blocks) == 2) {                                                                          \
            TE_PIE_MAC_LD(s, 7, w, 16, a, 7);                                                                \
            last;                                                                                            \
            TE_PIE_MAC_LD(s, 7, w, 16, b, 7);                                                                \
        } else {                                                                                             \
            TE_PIE_MAC_LD(s, 7, w, 16, a, 7);                                                                \
            TE_PIE_MAC_LD(s, 7, w, 16, b, 7);                                                                \
            last;                                                                                            \
            TE_PIE_MAC_LD(s, 7, w, 16, c, 7);                                                                \
        }                                                                                                    \
    } while (0)

/* The sum of a channel, whose words are at *words. Q7 has its first weights, and *weights is behind them;
   afterwards they are the next channel's. ACCX goes on from one plane to the other: all is modulo 2^32. */
TE_PIE_INLINE int32_t te_pie_sum(te_pie *s, const int32_t **words, const int8_t **weights,
                                 const int8_t *window, int32_t blocks) {
    const int8_t *const row = *weights - TE_PIE_VECTOR, *w = *weights, *x = window;
    const int32_t *word = *words;
    int32_t lower, both;
    TE_PIE_LD_ACCX(s, word, 16);
    TE_PIE_PLANE(s, w, x, blocks, 0, 2, 4, w = row);
    TE_PIE_ACCX(s, lower);
    x = window + TE_PIE_VECTOR;
    TE_PIE_PLANE(s, w, x, blocks, 1, 3, 5, (void)0);
    TE_PIE_ACCX(s, both);
    *weights = w;
    *words = word;
    (void)s;
    return (int32_t)((uint32_t)lower + ((uint32_t)both - (uint32_t)lower) * 256);
}

#endif
