/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of 16 products an instruction: what convolutions and dense layers do with the inputs of an output.

   Weights are [channels][vectors][16], filled up with zeros, and 16 bytes of 0 more, since each multiplication
   loads the next weights. A channel has four words: bias, shift, multiplier and what requantisation
   adds. EE.LD.ACCX.IP takes 40 bits, bias and a part of the shift, which is not looked at in the end and keeps
   the sum from the limits of ACCX. Inputs may be any bytes where weights are zero.

   Of lines (tinyedge/arithmetic/bare_line.py) it has two words: multiplier and what is added, its bias in that.
   Sums begin with the zeros behind the weights, and shifts are the layer's. */
#ifndef TE_PIE_DOT_H
#define TE_PIE_DOT_H

#include "kernels/pie/output.h"
#include "kernels/unrolled.h"

enum {
    TE_PIE_HELD = 6,  /* vectors of inputs that stay in registers, Q0 to Q5 */
    TE_PIE_WORDS = 4, /* of a channel ... */
    TE_PIE_LINE = 2,  /* ... and of one that has a line */
};

/* The channels of a layer. */
typedef struct te_pie_channels {
    const int8_t *weights;
    const int32_t *words; /* of each: bias, shift, multiplier, added; or if `lines` the last two */
    int32_t count;
    te_pie_scaling scaling;
    int32_t right; /* of lines, as what follows */
    const int8_t *zeros;
} te_pie_channels;

/* Q0 and so on become `count` vectors, at most TE_PIE_HELD, from an address that is a multiple of 16. */
TE_PIE_INLINE void te_pie_hold(te_pie *s, const int8_t *from, int32_t count) {
    TE_PIE_FENCE();
    TE_PIE_VLD(s, 0, from, 16);
    if (count > 1)
        TE_PIE_VLD(s, 1, from, 16);
    if (count > 2)
        TE_PIE_VLD(s, 2, from, 16);
    if (count > 3)
        TE_PIE_VLD(s, 3, from, 16);
    if (count > 4)
        TE_PIE_VLD(s, 4, from, 16);
    if (count > 5)
        TE_PIE_VLD(s, 5, from, 16);
    (void)from;
    (void)s;
}

/* The same from any address. */
TE_PIE_INLINE void te_pie_hold_any(te_pie *s, const int8_t *from, int32_t count) {
    TE_PIE_FENCE();
    TE_PIE_VLD_USAR(s, 0, from, 16);
    TE_PIE_VLD(s, 1, from, 16);
    TE_PIE_SRC(s, 0, 0, 1);
    if (count > 1) {
        TE_PIE_VLD(s, 2, from, 16);
        TE_PIE_SRC(s, 1, 1, 2);
    }
    if (count > 2) {
        TE_PIE_VLD(s, 3, from, 16);
        TE_PIE_SRC(s, 2, 2, 3);
    }
    if (count > 3) {
        TE_PIE_VLD(s, 4, from, 16);
        TE_PIE_SRC(s, 3, 3, 4);
    }
    if (count > 4) {
        TE_PIE_VLD(s, 5, from, 16);
        TE_PIE_SRC(s, 4, 4, 5);
    }
    if (count > 5) {
        TE_PIE_VLD(s, 6, from, 16);
        TE_PIE_SRC(s, 5, 5, 6);
    }
    (void)from;
    (void)s;
}

/* TE_PIE_MAC_LD, or of 8 numbers of 16 bits if `wide`. */
#define TE_PIE_DOT(s, wide, to, p, step, x, y)                                                               \
    do {                                                                                                     \
        if (wide)                                                                                            \
            TE_PIE_MAC_S16_LD(s, to, p, step, x, y);                                                         \
        else                                                                                                 \
            TE_PIE_MAC_LD(s, to, p, step, x, y);                                                             \
    } while (0)

/* ACCX and the products of `vectors` vectors of inputs at `from`, the first of them held, and of weights, of which Q7
   has the first and *weights is behind them; afterwards they are the next channel's. */
TE_PIE_INLINE int32_t te_pie_dot(te_pie *s, int wide, const int8_t **weights, const int8_t *from,
                                 int32_t vectors) {
    const int8_t *w = *weights;
    int32_t sum;
    TE_PIE_DOT(s, wide, 7, w, 16, 0, 7);
    if (vectors > 1)
        TE_PIE_DOT(s, wide, 7, w, 16, 1, 7);
    if (vectors > 2)
        TE_PIE_DOT(s, wide, 7, w, 16, 2, 7);
    if (vectors > 3)
        TE_PIE_DOT(s, wide, 7, w, 16, 3, 7);
    if (vectors > 4)
        TE_PIE_DOT(s, wide, 7, w, 16, 4, 7);
    if (vectors > 5)
        TE_PIE_DOT(s, wide, 7, w, 16, 5, 7);
    if (vectors > TE_PIE_HELD) {
        const int8_t *x = from + TE_PIE_HELD * TE_PIE_VECTOR;
        TE_UNROLLED_BY_4
        for (int32_t i = TE_PIE_HELD; i < vectors; i++) {
            TE_PIE_VLD(s, 6, x, 16);
            TE_PIE_DOT(s, wide, 7, w, 16, 6, 7);
        }
    }
    TE_PIE_ACCX(s, sum);
    *weights = w;
    (void)s;
    return sum;
}

/* All outputs of a pixel, whose inputs are `vectors` vectors at `from`, the first of them held. `lines` is a
   constant. */
TE_PIE_INLINE void te_pie_outputs(te_pie *s, const te_pie_channels *layer, const int8_t *from,
                                  int32_t vectors, int lines, int8_t *out) {
    const int8_t *w = layer->weights;
    const int32_t *word = layer->words;
    const int32_t count = layer->count, first = lines ? 0 : 2;
    const int8_t *zeros = layer->zeros;
    TE_PIE_VLD(s, 7, w, 16);
    TE_UNROLLED_BY_4
    for (int32_t c = 0; c < count; c++) {
        const int32_t shift = lines ? layer->right : word[1];
        const int32_t multiplier = word[first], added = word[first + 1];
        int32_t sum;
        if (lines) {
            TE_PIE_LD_ACCX(s, zeros, 0);
            word += TE_PIE_LINE;
        } else {
            TE_PIE_LD_ACCX(s, word, 16);
        }
        sum = te_pie_dot(s, 0, &w, from, vectors);
        out[c] = te_pie_scaled(&layer->scaling, (int32_t)((uint32_t)sum << layer->scaling.left), multiplier,
                               added, shift);
    }
    (void)zeros;
    (void)s;
}

#endif
