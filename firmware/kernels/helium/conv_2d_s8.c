/* SPDX-License-Identifier: Apache-2.0 */
/* Three pixels by two channels at a time: five vectors of 16 bytes loaded for six of products. More sums
   would not fit the registers that can hold one.

   Weights, from tinyedge/layout/helium.py: for every group and every two of its channels (the last one padded
   with zeros), 16 taps of the one, 16 taps of the other, the next 16 taps; the last 16 padded with zeros. */
#include "kernels/conv_2d.h"
#include "kernels/helium/vector.h"

enum {
    TE_CONV_2D_S8_PIXELS = 3,
    TE_CONV_2D_S8_WINDOW = 592, /* stack bytes for a pixel's inputs: larger windows are taken in parts */
    TE_CONV_2D_S8_BLOCK = 64,   /* channels whose sums are on the stack */
};

/* As te_conv_2d_s8_lay, for windows that reach out of the input, that are dilated or of one group, or of
   which only a part is laid. Shared by all layers: it would burden the loops around it, and is seldom called.
 */
static __attribute__((noinline)) void te_conv_2d_s8_lay_edge(const te_conv_2d *p, const int8_t *in,
                                                             int32_t top, int32_t left, int32_t from,
                                                             int32_t to, int8_t *window) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t line = p->kernel_width * depth;
    const int32_t pitch = p->in_width * p->in_channels;
    const int8_t *row = in + top * pitch + left * p->in_channels;

    if (p->dilation_x == 1 && p->groups == 1 && to - from == p->kernel_height * line) {
        const int32_t before = te_clamp(-left, 0, p->kernel_width) * depth;
        const int32_t after = te_clamp(left + p->kernel_width - p->in_width, 0, p->kernel_width) * depth;
        const int32_t inside = line - before - after;
        const int32_t step = p->dilation_y * pitch, zero = p->in_zero_point;
        const uint32_t stride = (uint32_t)p->dilation_y, height = (uint32_t)p->in_height;
        uint32_t y = (uint32_t)top;
        for (int32_t ky = p->kernel_height; ky > 0; ky--) {
            if (y >= height || inside <= 0) {
                te_fill_s8(window, zero, line);
            } else {
                te_fill_s8(window, zero, before);
                te_copy_s8(window + before, row + before, inside);
                te_fill_s8(window + line - after, zero, after);
            }
            window += line;
            row += step;
            y += stride;
        }
        return;
    }
    te_fill_s8(window, p->in_zero_point, to - from);
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = top + ky * p->dilation_y;
        for (int32_t kx = 0; kx < p->kernel_width && y >= 0 && y < p->in_height; kx++) {
            const int32_t x = left + kx * p->dilation_x;
            const int32_t start = ky * line + kx * depth;
            const int32_t first = te_max(start, from), last = te_min(start + depth, to);
            if (x >= 0 && x < p->in_width)
                te_copy_s8(window + first - from, in + y * pitch + x * p->in_channels + first - start,
                           last - first);
        }
    }
}

/* Lays inputs from to `to` - 1 of the window whose first tap is at row `top`, column `left` of `in` side by
   side, and perhaps up to 15 bytes more. The input ends at `end`. */
TE_KERNEL void te_conv_2d_s8_lay(const te_conv_2d *p, const int8_t *in, const int8_t *end, int32_t top,
                                 int32_t left, int32_t from, int32_t to, int8_t *window) {
    const int32_t line = p->kernel_width * (p->in_channels / p->groups);
    const int32_t below = p->in_height - (p->kernel_height - 1) * p->dilation_y;
    const int32_t beside = p->in_width - (p->kernel_width - 1) * p->dilation_x;
    const int32_t pitch = p->in_width * p->in_channels;
    const int32_t step = p->dilation_y * pitch;
    const int8_t *row = in + top * pitch + left * p->in_channels;

    /* Nearly all windows are inside the input, their rows each one run of bytes. Copied as whole vectors,
       what is too much of a row is overwritten by the next. */
    if (p->dilation_x == 1 && p->groups == 1 && to - from == p->kernel_height * line && top >= 0 &&
        top < below && left >= 0 && left < beside &&
        (line % 16 == 0 || end - row >= (p->kernel_height - 1) * step + (line + 15) / 16 * 16)) {
        for (int32_t ky = 0; ky < p->kernel_height; ky++) {
            for (int32_t i = 0; i < line; i += 16) {
                TE_BARRIER(); /* lest this become a call of memcpy */
                vstrbq_s8(window + i, vldrbq_s8(row + i));
            }
            window += line;
            row += step;
            TE_FORGET(row);
        }
    } else {
        te_conv_2d_s8_lay_edge(p, in, top, left, from, to, window);
    }
}

/* Three pixels by two channels: where they are read, and their sums so far. */
typedef struct te_tile {
    const int8_t *weights, *x0, *x1, *x2;
    int32_t s00, s01, s10, s11, s20, s21;
} te_tile;

/* Adds the next 16 taps, or starts the sums with them. */
static inline __attribute__((always_inline)) void te_tile_add(te_tile *t, int start) {
    const int8x16_t w0 = vldrbq_s8(t->weights), w1 = vldrbq_s8(t->weights + 16);
    int8x16_t v = vldrbq_s8(t->x0);
    t->s00 = start ? vmladavq_s8(v, w0) : vmladavaq_s8(t->s00, v, w0);
    t->s01 = start ? vmladavq_s8(v, w1) : vmladavaq_s8(t->s01, v, w1);
    v = vldrbq_s8(t->x1);
    t->s10 = start ? vmladavq_s8(v, w0) : vmladavaq_s8(t->s10, v, w0);
    t->s11 = start ? vmladavq_s8(v, w1) : vmladavaq_s8(t->s11, v, w1);
    v = vldrbq_s8(t->x2);
    t->s20 = start ? vmladavq_s8(v, w0) : vmladavaq_s8(t->s20, v, w0);
    t->s21 = start ? vmladavq_s8(v, w1) : vmladavaq_s8(t->s21, v, w1);
    t->weights += 32;
    t->x0 += 16;
    t->x1 += 16;
    t->x2 += 16;
}

/* Sums of two channels at three pixels over 16 * chunks taps, to `sums` from channel `c` on; added to what is
   there if `more`. Gives the end of these weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_tile(const int8_t *w, const int8_t *x0, const int8_t *x1, const int8_t *x2, int32_t chunks,
                   int more, int32_t (*sums)[TE_CONV_2D_S8_BLOCK], int32_t c) {
    te_tile t = {w, x0, x1, x2, 0, 0, 0, 0, 0, 0};
    TE_BARRIER();
    TE_FORGET(t.weights);
    /* A load reaches 127 bytes from a pointer. Within that, an unrolled loop leaves pointers where they are;
       beyond, they had better step than be computed. */
    if (__builtin_constant_p(chunks) && chunks > 9) {
        TE_UNROLLED
        for (int32_t i = 0; i < chunks; i++) {
            TE_FORGET(t.weights);
            TE_FORGET(t.x0);
            TE_FORGET(t.x1);
            TE_FORGET(t.x2);
            te_tile_add(&t, 0);
        }
    } else {
        te_tile_add(&t, 1);
        for (int32_t i = 1; i < chunks; i++)
            te_tile_add(&t, 0);
    }
    if (more) {
        t.s00 += sums[0][c];
        t.s01 += sums[0][c + 1];
        t.s10 += sums[1][c];
        t.s11 += sums[1][c + 1];
        t.s20 += sums[2][c];
        t.s21 += sums[2][c + 1];
    }
    sums[0][c] = t.s00;
    sums[0][c + 1] = t.s01;
    sums[1][c] = t.s10;
    sums[1][c + 1] = t.s11;
    sums[2][c] = t.s20;
    sums[2][c + 1] = t.s21;
    return t.weights;
}

/* Outputs `first` to first + count - 1 of three pixels from their sums. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_finish(const te_conv_2d *p, int32_t (*sums)[TE_CONV_2D_S8_BLOCK], const int32_t *bias,
                     const int32_t *multiplier, const int8_t *shift, int32_t first, int32_t count,
                     int8_t *const *out) {
    const int32x4_t low = vdupq_n_s32(p->out_min), high = vdupq_n_s32(p->out_max);
    const int ties = p->out_min < p->out_zero_point;
    TE_ROLLED
    for (int32_t i = 0; i < count; i += 4) {
        const int32_t c = first + i;
        const mve_pred16_t lanes = vctp32q((uint32_t)(count - i));
        const te_scales by = te_load_scales(multiplier, shift, p->channel_step, c, p->fitted, 0, lanes);
        const int32x4_t base = vldrwq_z_s32(bias + c, lanes);
        for (int32_t j = 0; j < TE_CONV_2D_S8_PIXELS; j++) {
            int32x4_t v = vaddq_s32(vldrwq_s32(&sums[j][i]), base);
            v = vaddq_n_s32(te_requantize_x4(v, by, p->max_shift, ties), p->out_zero_point);
            vstrbq_p_s32(out[j] + c, vminq_s32(vmaxq_s32(v, low), high), lanes);
        }
    }
}

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_helium;

TE_KERNEL void te_conv_2d_s8_helium(const te_conv_2d *p, const int8_t *in, const int8_t *weights,
                                    const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                    int8_t *out) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t taps = p->kernel_height * p->kernel_width * depth;
    const int32_t chunks = (taps + 15) / 16;
    const int32_t group_size = p->out_channels / p->groups;
    const int32_t pixels = p->out_height * p->out_width;
    const int padded = p->pad_top > 0 || (p->out_height - 1) * p->stride_y >= p->in_height ||
                       p->pad_left > 0 || (p->out_width - 1) * p->stride_x >= p->in_width;
    /* Whether a pixel's inputs can be used where they are. All are read before the first output is written,
       on which the distance of tinyedge/ops/window.py relies. */
    const int direct = p->kernel_height == 1 && p->kernel_width == 1 && !padded && p->groups == 1 &&
                       (taps % 16 == 0 || taps <= TE_CONV_2D_S8_WINDOW) &&
                       p->out_channels <= TE_CONV_2D_S8_BLOCK;
    const int flat = direct && p->stride_y == 1 && p->stride_x == 1;
    const int32_t part = direct ? taps : te_min(taps, TE_CONV_2D_S8_WINDOW);
    const int early = p->groups == 1 && part == taps;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int32_t size = p->in_height * p->in_width * p->in_channels;
        const int8_t *const image = in + batch * size, *const end = image + size;
        for (int32_t pixel = 0; pixel < pixels; pixel += TE_CONV_2D_S8_PIXELS) {
            int8_t windows[TE_CONV_2D_S8_PIXELS][TE_CONV_2D_S8_WINDOW + 16];
            int32_t sums[TE_CONV_2D_S8_PIXELS][TE_CONV_2D_S8_BLOCK];
            int32_t tops[TE_CONV_2D_S8_PIXELS], lefts[TE_CONV_2D_S8_PIXELS];
            const int8_t *inputs[TE_CONV_2D_S8_PIXELS];
            int8_t *outputs[TE_CONV_2D_S8_PIXELS];
            const int8_t *w = weights;

            /* Where fewer pixels are left, the last one is made several times. */
            for (int32_t i = 0; i < TE_CONV_2D_S8_PIXELS; i++) {
                const int32_t which = te_turn(te_min(pixel + i, pixels - 1), pixels, p->reverse);
                outputs[i] = out + (batch * pixels + which) * p->out_channels;
                inputs[i] = flat ? image + which * p->in_channels : windows[i];
            }
            TE_ROLLED
            for (int32_t i = 0; i < TE_CONV_2D_S8_PIXELS; i++) {
                const int32_t which = te_turn(te_min(pixel + i, pixels - 1), pixels, p->reverse);
                const int32_t top = which / p->out_width * p->stride_y - p->pad_top;
                const int32_t left = which % p->out_width * p->stride_x - p->pad_left;
                if (direct) {
                    /* The last vector may reach into the next pixel, where weights are zero. */
                    const int8_t *source =
                        flat ? inputs[i] : image + (top * p->in_width + left) * p->in_channels;
                    const int fits = taps % 16 == 0 || end - source >= chunks * 16;
                    inputs[i] = fits ? source : windows[i];
                    if (!fits)
                        te_copy_s8(windows[i], source, taps);
                } else if (early) {
                    te_conv_2d_s8_lay(p, image, end, top, left, 0, taps, windows[i]);
                } else {
                    tops[i] = top;
                    lefts[i] = left;
                }
            }
            for (int32_t group = 0; group < p->groups; group++) {
                for (int32_t first = 0; first < group_size; first += TE_CONV_2D_S8_BLOCK) {
                    const int32_t count = te_min(group_size - first, TE_CONV_2D_S8_BLOCK);
                    for (int32_t from = 0; from < taps; from += part) {
                        const int32_t to = te_min(from + part, taps);
                        const int32_t laid = (to - from + 15) / 16;
                        const int8_t *part_weights = w + from * 2;
                        if (!early && (first == 0 || part < taps)) {
                            TE_ROLLED
                            for (int32_t i = 0; i < TE_CONV_2D_S8_PIXELS; i++)
                                te_conv_2d_s8_lay(p, image + group * depth, end, tops[i], lefts[i], from, to,
                                                  windows[i]);
                        }
                        const int8_t *x0 = inputs[0], *x1 = inputs[1], *x2 = inputs[2];
                        TE_FORGET(x0);
                        TE_FORGET(x1);
                        TE_FORGET(x2);
                        TE_TWICE
                        for (int32_t c = 0; c < count; c += 2)
                            part_weights =
                                te_conv_2d_s8_tile(part_weights, x0, x1, x2, laid, from > 0, sums, c) +
                                (chunks - laid) * 32;
                    }
                    te_conv_2d_s8_finish(p, sums, bias, multiplier, shift, group * group_size + first, count,
                                         outputs);
                    w += (count + count % 2) * chunks * 16;
                }
            }
        }
    }
}
