/* SPDX-License-Identifier: Apache-2.0 */
/* Four pixels by two channels at a time: six vectors loaded for eight of products, and each sum in one of the
   eight registers that can hold one, as in conv_2d_s8.c.

   The windows of four pixels are laid side by side on the stack, TE_CONV_2D_HELIUM_TAPS taps at a time.
   Weights, from tinyedge/plan/layout/helium_short.py: for every group, every TE_CONV_2D_HELIUM_FEWER of its
   channels, every part of the window and every two of the channels: 8 taps of the one, 8 taps of the other,
   the next 8. What does not fill a vector or a pair is filled up with zeros. */
#include "kernels/helium/conv_2d.h"
#include "kernels/helium/vector.h"
#include "kernels/short.h"
#include "kernels/unrolled.h"

enum {
    TE_CONV_2D_S16_LANES = 8,
    TE_CONV_2D_S16_REACH = 4, /* vectors for which the weights' pointer moves once */
};

static inline void te_conv_2d_s16_copy(int16_t *to, const int16_t *from, int32_t count) {
    te_copy_s8((int8_t *)to, (const int8_t *)from, 2 * count);
}

static inline void te_conv_2d_s16_clear(int16_t *to, int32_t count) {
    te_fill_s8((int8_t *)to, 0, 2 * count);
}

/* Where the next taps are, and the sums so far. */
typedef struct te_conv_2d_s16_state {
    const int16_t *x[TE_CONV_2D_HELIUM_PIXELS];
    const int8_t *weights;
    int32_t sums[TE_CONV_2D_HELIUM_PIXELS][2];
} te_conv_2d_s16_state;

/* Adds `vectors` times 8 taps. */
static inline __attribute__((always_inline)) void te_conv_2d_s16_add(te_conv_2d_s16_state *s,
                                                                     int32_t vectors) {
    for (int32_t i = 0; i < vectors; i++) {
        const int16x8_t w0 = vldrbq_s16(s->weights + i * 2 * TE_CONV_2D_S16_LANES);
        const int16x8_t w1 = vldrbq_s16(s->weights + (i * 2 + 1) * TE_CONV_2D_S16_LANES);
        TE_UNROLLED
        for (int32_t j = 0; j < TE_CONV_2D_HELIUM_PIXELS; j++) {
            const int16x8_t x = vldrhq_s16(s->x[j] + i * TE_CONV_2D_S16_LANES);
            s->sums[j][0] = vmladavaq_s16(s->sums[j][0], x, w0);
            s->sums[j][1] = vmladavaq_s16(s->sums[j][1], x, w1);
        }
    }
    s->weights += vectors * 2 * TE_CONV_2D_S16_LANES;
    TE_ODD(s->weights);
    TE_UNROLLED
    for (int32_t j = 0; j < TE_CONV_2D_HELIUM_PIXELS; j++) {
        s->x[j] += vectors * TE_CONV_2D_S16_LANES;
        TE_ODD(s->x[j]);
    }
}

/* Sums of two channels over `vectors` times 8 taps, to `sums`, four words apart; added to what is there if
   `more`. Gives the next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s16_tile(const int16_t *windows, const int8_t *weights, int32_t vectors, int more, int32_t *sums) {
    te_conv_2d_s16_state s = {{0}, weights, {{0}}};
    TE_UNROLLED
    for (int32_t j = 0; j < TE_CONV_2D_HELIUM_PIXELS; j++)
        s.x[j] = windows + j * TE_CONV_2D_HELIUM_TAPS;
    const int known = __builtin_constant_p(vectors);
    const int32_t rest = known ? vectors % TE_CONV_2D_S16_REACH : 0, step = known ? TE_CONV_2D_S16_REACH : 1;
    const int16_t *const end = windows + (vectors - rest) * TE_CONV_2D_S16_LANES;
    TE_BARRIER();
    TE_ROLLED
    while (s.x[0] != end)
        te_conv_2d_s16_add(&s, step);
    if (rest > 0)
        te_conv_2d_s16_add(&s, rest);
    TE_UNROLLED
    for (int32_t j = 0; j < TE_CONV_2D_HELIUM_PIXELS; j++) {
        sums[j * 4] = more ? sums[j * 4] + s.sums[j][0] : s.sums[j][0];
        sums[j * 4 + 1] = more ? sums[j * 4 + 1] + s.sums[j][1] : s.sums[j][1];
    }
    return s.weights;
}

/* Sums of `count` channels at four pixels, by fours of channels. */
static inline __attribute__((always_inline)) const int8_t *te_conv_2d_s16_block(const int16_t *windows,
                                                                                const int8_t *weights,
                                                                                int32_t taps, int32_t count,
                                                                                int more, int32_t *sums) {
    const int32_t vectors = (taps + TE_CONV_2D_S16_LANES - 1) / TE_CONV_2D_S16_LANES;
    TE_ROLLED
    for (int32_t left = count; left > 0; left -= 4) {
        for (int32_t pair = 0; pair < te_min(left, 4); pair += 2)
            weights = te_conv_2d_s16_tile(windows, weights, vectors, more, sums + pair);
        sums += TE_CONV_2D_HELIUM_PIXELS * 4;
    }
    return weights;
}

/* `count` outputs of each pixel, from channel `first` on, from their sums. */
static inline __attribute__((always_inline)) void
te_conv_2d_s16_finish(const te_conv_2d *p, const int32_t *sums, const int32_t *bias,
                      const int32_t *multiplier, const int8_t *shift, int32_t first, int32_t count,
                      int32_t pixel, int32_t pixels, int16_t *out) {
    int16_t *to[TE_CONV_2D_HELIUM_PIXELS];
    TE_UNROLLED
    for (int32_t j = 0; j < TE_CONV_2D_HELIUM_PIXELS; j++)
        to[j] = out + te_turn(te_min(pixel + j, pixels - 1), pixels, p->reverse) * p->out_channels;
    const int32x4_t low = vdupq_n_s32(p->out_min), high = vdupq_n_s32(p->out_max);
    TE_ROLLED
    for (int32_t i = 0; i < count; i += 4) {
        const int32_t c = first + i;
        const mve_pred16_t lanes = vctp32q((uint32_t)(count - i));
        const int32x4_t base = vldrwq_z_s32(bias + c, lanes), factor = vldrwq_z_s32(multiplier + c, lanes);
        const int32x4_t right = vnegq_s32(vldrbq_z_s32(shift + c, lanes));
        TE_UNROLLED
        for (int32_t j = 0; j < TE_CONV_2D_HELIUM_PIXELS; j++) {
            int32x4_t v = vaddq_s32(vldrwq_s32(sums + j * 4), base);
            v = vrshlq_s32(vmulhq_s32(v, factor), right);
            TE_KEEP_STORED();
            vstrhq_p_s32(to[j] + c, vminq_s32(vmaxq_s32(v, low), high), lanes);
        }
        sums += TE_CONV_2D_HELIUM_PIXELS * 4;
    }
}

TE_KERNEL te_conv_2d_s16_short_fn te_conv_2d_s16_helium;

#define TE_CONV_2D te_conv_2d_s16_helium
#define TE_PIXELS TE_CONV_2D_HELIUM_PIXELS
#define TE_BLOCK TE_CONV_2D_HELIUM_FEWER
#define TE_TAPS TE_CONV_2D_HELIUM_TAPS
#define TE_COPY te_conv_2d_s16_copy
#define TE_CLEAR te_conv_2d_s16_clear
#define TE_ADD te_conv_2d_s16_block
#define TE_OUTPUT te_conv_2d_s16_finish
#include "kernels/conv_2d_windows.h"
