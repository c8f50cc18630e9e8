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

/* `count` outputs of each pixel, from channel `first` on, from their sums. */
static inline __attribute__((always_inline)) void
te_conv_2d_s16_finish(const te_conv_2d *p, const int32_t *sums, const int32_t *bias,
                      const int32_t *multiplier, const int8_t *shift, int32_t first, int32_t count,
                      int16_t *const *out) {
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
            vstrhq_p_s32(out[j] + c, vminq_s32(vmaxq_s32(v, low), high), lanes);
        }
        sums += TE_CONV_2D_HELIUM_PIXELS * 4;
    }
}

TE_KERNEL te_conv_2d_s16_short_fn te_conv_2d_s16_helium;

TE_KERNEL void te_conv_2d_s16_helium(const te_conv_2d *restrict p, const int16_t *in, const int8_t *weights,
                                     const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                     int16_t *out) {
    enum {
        PIXELS = TE_CONV_2D_HELIUM_PIXELS,
        BLOCK = TE_CONV_2D_HELIUM_FEWER,
        TAPS = TE_CONV_2D_HELIUM_TAPS
    };
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t size = p->out_channels / p->groups;
    const int32_t pixels = p->out_height * p->out_width;
    /* All inputs are then read before the first output is written, on which the layout's `ahead` relies. */
    const int whole = taps <= TAPS;
    _Alignas(4) int16_t windows[PIXELS * TAPS];
    int32_t sums[PIXELS * BLOCK];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        TE_ROLLED
        for (int32_t pixel = 0; pixel < pixels; pixel += PIXELS) {
            const int8_t *w = weights;
            int16_t *to[PIXELS];
            int32_t which[PIXELS];
            /* Where fewer pixels are left, the last one is made several times. */
            TE_UNROLLED
            for (int32_t j = 0; j < PIXELS; j++) {
                which[j] = te_turn(te_min(pixel + j, pixels - 1), pixels, p->reverse);
                to[j] = out + (batch * pixels + which[j]) * p->out_channels;
            }
            for (int32_t group = 0; group < p->groups; group++) {
                for (int32_t first = 0; first < size; first += BLOCK) {
                    const int32_t count = te_min(size - first, BLOCK);
                    for (int32_t from = 0; from < taps; from += TAPS) {
                        const int32_t last = te_min(from + TAPS, taps);
                        int32_t *kept = sums;
                        TE_ROLLED
                        for (int32_t j = 0; j < PIXELS && (first == 0 || !whole); j++)
                            te_conv_2d_s16_lay(p, image, which[j], group, from, last, te_conv_2d_s16_copy,
                                               te_conv_2d_s16_clear, windows + j * TAPS);
                        TE_ROLLED
                        for (int32_t left = count; left > 0; left -= 4) {
                            for (int32_t pair = 0; pair < te_min(left, 4); pair += 2)
                                w = te_conv_2d_s16_tile(windows, w,
                                                        (last - from + TE_CONV_2D_S16_LANES - 1) /
                                                            TE_CONV_2D_S16_LANES,
                                                        from > 0, kept + pair);
                            kept += PIXELS * 4;
                        }
                    }
                    te_conv_2d_s16_finish(p, sums, bias, multiplier, shift, group * size + first, count, to);
                }
            }
        }
    }
}
