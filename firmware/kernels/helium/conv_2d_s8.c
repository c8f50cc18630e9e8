/* SPDX-License-Identifier: Apache-2.0 */
/* Four pixels by two channels at a time: six vectors of 16 bytes loaded for eight of products, and each sum
   in one of the eight registers that can hold one.

   The inputs of a stretch of pixels of a row are laid into a strip on the stack, all before the first of its
   outputs is written, such that a window is one run of bytes: column by column, where windows share columns
   (`shared`, which tinyedge/plan/layout/helium_conv.py decides), else window by window, row by row. Where
   windows are such runs in the input itself, they stay there.

   Weights, from the same file: for every group, every TE_CONV_2D_HELIUM_BLOCK of its channels, every `part`
   of the inputs' channels and every two of the channels: 16 taps of the one, 16 taps of the other, the next
   16 taps in the order of the strip; or, where `slide`, the 16 taps at each of the three columns, the next 16
   of each column. What does not fill a vector, a pair or a part is filled up with zeros. */
#include "kernels/helium/outputs.h"
#include "kernels/unrolled.h"

enum { TE_CONV_2D_HELIUM_REACH = 8 /* vectors that a load reaches from one pointer */ };

static inline __attribute__((always_inline)) te_conv_2d_s8_strip
te_conv_2d_s8_plan(const te_conv_2d *p, const te_conv_2d_helium *laid) {
    te_conv_2d_s8_strip s;
    s.depth = p->in_channels / p->groups;
    s.column = p->kernel_height * laid->part;
    s.step = s.column * (laid->shared ? p->stride_x : p->kernel_width);
    s.vectors = (s.column * p->kernel_width + 15) / 16;
    s.slide =
        laid->shared && p->stride_x == 1 && p->kernel_width == TE_CONV_2D_HELIUM_SLIDE && s.column % 16 == 0;
    /* Windows that share no columns are laid for pixels of one row after another, if that fills tiles. */
    s.lines = laid->shared || p->out_width % TE_CONV_2D_HELIUM_PIXELS == 0 ? p->out_height : 1;
    s.late = laid->stretch == 0;
    s.packed = laid->packed;
    s.drawn = laid->drawn;
    return s;
}

/* Lays `depth` channels from `in` on of all that `pixels` output pixels from row `y`, column `x` on need. Any
   window of any layer; shared by all of them. */
static __attribute__((noinline)) void te_conv_2d_s8_lay_any(const te_conv_2d *p,
                                                            const te_conv_2d_helium *laid, const int8_t *in,
                                                            int32_t depth, int32_t y, int32_t x,
                                                            int32_t pixels, int8_t *to) {
    const int32_t columns = laid->shared ? (pixels - 1) * p->stride_x + p->kernel_width : p->kernel_width;
    const int32_t across = laid->shared ? p->kernel_height * laid->part : laid->part;
    const int32_t down = laid->shared ? laid->part : columns * laid->part;
    for (int32_t i = laid->shared ? 1 : pixels; i > 0; i--) {
        int32_t row = y * p->stride_y - p->pad_top;
        for (int32_t ky = p->kernel_height; ky > 0; ky--) {
            int32_t column = x * p->stride_x - p->pad_left;
            int8_t *tap = to;
            for (int32_t kx = columns; kx > 0; kx--) {
                if (row >= 0 && row < p->in_height && column >= 0 && column < p->in_width)
                    te_copy_s8(tap, in + (row * p->in_width + column) * p->in_channels, depth);
                else
                    te_fill_s8(tap, p->in_zero_point, depth);
                tap += across;
                column += p->dilation_x;
            }
            row += p->dilation_y;
            to += down;
        }
        if (++x == p->out_width) {
            x = 0;
            y++;
        }
    }
}

/* The same for windows that are laid one by one, whose rows are runs of bytes in the input. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_lay_windows(const te_conv_2d *p, te_conv_2d_s8_strip s, const int8_t *in, int32_t y, int32_t x,
                          int32_t pixels, int8_t *to) {
    const int32_t depth = p->in_channels, columns = p->kernel_width, line = columns * depth;
    const int32_t below = p->in_height - (p->kernel_height - 1) * p->dilation_y;
    const int32_t pitch = p->in_width * depth, step = p->dilation_y * pitch;
    int32_t top = y * p->stride_y - p->pad_top, left = x * p->stride_x - p->pad_left;
    TE_ROLLED
    for (int32_t i = 0; i < pixels; i++) {
        const int8_t *row = te_beside_s8(in, top * pitch + left * depth);
        if (top >= 0 && top < below && left >= 0 && left <= p->in_width - columns) {
            for (int32_t ky = 0; ky < p->kernel_height; ky++) {
                te_copy_s8(to + ky * line, row, line);
                row = te_beside_s8(row, step);
                TE_FORGET(row);
            }
        } else {
            const int32_t first = te_clamp(-left, 0, columns);
            const int32_t last = te_clamp(p->in_width - left, first, columns);
            uint32_t inside = (uint32_t)top;
            int8_t *tap = to;
            TE_ROLLED
            for (int32_t ky = 0; ky < p->kernel_height; ky++) {
                te_fill_s8(tap, p->in_zero_point, line);
                if (inside < (uint32_t)p->in_height)
                    te_copy_s8(tap + first * depth, te_beside_s8(row, first * depth), (last - first) * depth);
                tap += line;
                row = te_beside_s8(row, step);
                inside += (uint32_t)p->dilation_y;
            }
        }
        left += p->stride_x;
        if (s.lines == 1 && left > (p->out_width - 1) * p->stride_x - p->pad_left) {
            left = -p->pad_left;
            top += p->stride_y;
        }
        to += p->kernel_height * line;
    }
}

/* Zero points for `depth` channels of a row of `count` columns. Gives the column after these. */
static inline __attribute__((always_inline)) int8_t *
te_conv_2d_s8_fill(const te_conv_2d *p, te_conv_2d_s8_strip s, int32_t depth, int32_t count, int8_t *to) {
    TE_ROLLED
    for (; count > 0; count--) {
        te_fill_s8(to, p->in_zero_point, depth);
        to += s.column;
    }
    return to;
}

/* The same for windows that share columns. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_lay_columns(const te_conv_2d *p, const te_conv_2d_helium *laid, te_conv_2d_s8_strip s,
                          const int8_t *in, int32_t depth, int32_t y, int32_t x, int32_t pixels, int8_t *to) {
    const int32_t top = y * p->stride_y - p->pad_top, left = x * p->stride_x - p->pad_left;
    const int32_t columns = (pixels - 1) * p->stride_x + p->kernel_width;
    const int32_t before = te_clamp(-left, 0, columns);
    const int32_t inside = te_clamp(p->in_width - left, before, columns) - before;
    const int8_t *row = te_beside_s8(in, (top * p->in_width + left + before) * p->in_channels);
    TE_ROLLED
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t inner = top + ky * p->dilation_y;
        int32_t after = columns;
        int8_t *column = to;
        if (inner >= 0 && inner < p->in_height) {
            const int8_t *from = row;
            column = te_conv_2d_s8_fill(p, s, depth, before, column);
            TE_TWICE
            for (int32_t i = inside; i > 0; i--) {
                te_copy_s8(column, from, depth);
                column += s.column;
                from += p->in_channels;
            }
            after -= before + inside;
        }
        te_conv_2d_s8_fill(p, s, depth, after, column);
        row = te_beside_s8(row, p->dilation_y * p->in_width * p->in_channels);
        to += laid->part;
    }
}

static inline __attribute__((always_inline)) void
te_conv_2d_s8_lay(const te_conv_2d *p, const te_conv_2d_helium *laid, te_conv_2d_s8_strip s, const int8_t *in,
                  int32_t depth, int32_t y, int32_t x, int32_t pixels, int8_t *to) {
    const int known = __builtin_constant_p(laid->part);
    if (known && laid->shared)
        te_conv_2d_s8_lay_columns(p, laid, s, in, depth, y, x, pixels, to);
    else if ((known || !s.late) && !laid->shared && p->dilation_x == 1 && laid->part == p->in_channels)
        te_conv_2d_s8_lay_windows(p, s, in, y, x, pixels, to);
    else
        te_conv_2d_s8_lay_any(p, laid, in, depth, y, x, pixels, to);
}

/* Sums of two channels at `pixels` pixels, and the weights that come next. */
typedef struct te_tile {
    const int8_t *weights;
    int32_t sums[TE_CONV_2D_HELIUM_PIXELS][2];
} te_tile;

/* Adds 16 taps to the sums, or starts them. */
static inline __attribute__((always_inline)) void te_tile_add(te_tile *t, const int8x16_t *x, int32_t pixels,
                                                              int start) {
    const int8x16_t w0 = vldrbq_s8(t->weights), w1 = vldrbq_s8(t->weights + 16);
    TE_UNROLLED
    for (int32_t j = 0; j < pixels; j++) {
        t->sums[j][0] = start ? vmladavq_s8(x[j], w0) : vmladavaq_s8(t->sums[j][0], x[j], w0);
        t->sums[j][1] = start ? vmladavq_s8(x[j], w1) : vmladavaq_s8(t->sums[j][1], x[j], w1);
    }
    t->weights += 32;
}

/* Windows that slide by one column: 16 channels of a column are loaded once for all that hold it. The first
   three columns are at `x`, the others at `far`, since a load does not reach very far. */
static inline __attribute__((always_inline)) void
te_tile_slide(te_tile *t, const int8_t *x, const int8_t *far, int32_t pixels, int32_t column, int start) {
    int8x16_t columns[TE_CONV_2D_HELIUM_PIXELS + TE_CONV_2D_HELIUM_SLIDE - 1];
    TE_UNROLLED
    for (int32_t j = 0; j < pixels - 1; j++)
        columns[j] = vldrbq_s8(x + j * column);
    TE_UNROLLED
    for (int32_t kx = 0; kx < TE_CONV_2D_HELIUM_SLIDE; kx++) {
        const int32_t i = kx + pixels - 1;
        columns[i] = vldrbq_s8(i < 3 ? x + i * column : far + (i - 3) * column);
        te_tile_add(t, columns + kx, pixels, start && kx == 0);
    }
}

/* Windows that are runs of bytes: the next `count` vectors of each. */
static inline __attribute__((always_inline)) void te_tile_along(te_tile *t, const int8_t *const *at,
                                                                int32_t pixels, int32_t count, int start) {
    for (int32_t i = 0; i < count; i++) {
        int8x16_t window[TE_CONV_2D_HELIUM_PIXELS];
        TE_UNROLLED
        for (int32_t j = 0; j < pixels; j++)
            window[j] = vldrbq_s8(at[j] + i * 16);
        te_tile_add(t, window, pixels, start && i == 0);
    }
}

/* Holds the pointers that are needed to load `vectors` of each window with a constant offset. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_hold(const int8_t **at, int32_t pixels,
                                                                     int32_t step, int32_t vectors) {
    const int32_t last = (vectors - 1) * 16;
    TE_ODD(at[0]);
    for (int32_t j = 1; j < pixels; j++) {
        const int32_t base = 3 * step + last < 128 ? 0 : step + last < 128 ? j & ~1 : j;
        if (base == j)
            TE_ODD(at[j]);
        else
            at[j] = at[base] + (j - base) * step;
    }
}

/* The sums of two channels at `pixels` pixels, whose inputs start at `at`, to `sums`, 4 words apart; added to
   what is there if `more`. Gives the end of these weights.

   Loops are of a length that the compiler does not know: else it counts in a register that can hold a sum. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_tile(te_conv_2d_s8_strip s, const int8_t *weights, const int8_t **at, int32_t pixels, int more,
                   int32_t *sums) {
    te_tile t = {weights, {{0}}};
    TE_BARRIER();
    TE_ODD(t.weights);
    TE_ODD(sums);
    if (s.slide) {
        const int8_t *x = at[0], *far = at[3];
        TE_ODD(x);
        if (__builtin_constant_p(s.column) && s.column <= 48) {
            for (int32_t i = 0; i < s.column; i += 16)
                te_tile_slide(&t, x + i, far + i, pixels, s.column, i == 0);
        } else {
            const int8_t *const end = x + s.column;
            /* Where shapes are constants, code before the loop starts the sums. */
            if (__builtin_constant_p(s.column)) {
                te_tile_slide(&t, x, far, pixels, s.column, 1);
                far += 16;
                x += 16;
            }
            do {
                TE_ODD(far);
                TE_ODD(x);
                TE_ODD(t.weights);
                te_tile_slide(&t, x, far, pixels, s.column, 0);
                far += 16;
                x += 16;
            } while (x != end);
        }
    } else if (__builtin_constant_p(s.vectors) && s.vectors >= 2 * TE_CONV_2D_HELIUM_REACH) {
        const int32_t length = s.vectors / TE_CONV_2D_HELIUM_REACH * TE_CONV_2D_HELIUM_REACH;
        const int8_t *const end = at[0] + length * 16;
        do {
            TE_ODD(t.weights);
            te_conv_2d_s8_hold(at, pixels, s.step, TE_CONV_2D_HELIUM_REACH);
            te_tile_along(&t, at, pixels, TE_CONV_2D_HELIUM_REACH, 0);
            for (int32_t j = 0; j < pixels; j++)
                at[j] += TE_CONV_2D_HELIUM_REACH * 16;
        } while (at[0] != end);
        te_tile_along(&t, at, pixels, s.vectors % TE_CONV_2D_HELIUM_REACH, 0);
        for (int32_t j = 0; j < pixels; j++)
            at[j] -= length * 16;
    } else if (__builtin_constant_p(s.vectors)) {
        te_conv_2d_s8_hold(at, pixels, s.step, s.vectors);
        te_tile_along(&t, at, pixels, s.vectors, 1);
    } else {
        const int8_t *from[TE_CONV_2D_HELIUM_PIXELS];
        TE_UNROLLED
        for (int32_t j = 0; j < pixels; j++)
            from[j] = at[j];
        const int8_t *const end = from[0] + s.vectors * 16;
        do {
            TE_ODD(t.weights);
            te_tile_along(&t, from, pixels, 1, 0);
            TE_UNROLLED
            for (int32_t j = 0; j < pixels; j++) {
                from[j] += 16;
                TE_ODD(from[j]);
            }
        } while (from[0] != end);
    }
    TE_UNROLLED
    for (int32_t j = 0; j < pixels; j++) {
        sums[j * 4] = more ? sums[j * 4] + t.sums[j][0] : t.sums[j][0];
        sums[j * 4 + 1] = more ? sums[j * 4 + 1] + t.sums[j][1] : t.sums[j][1];
    }
    return t.weights;
}

/* What is at `at` or, if `s.late`, still has to be laid at `strip` for the pixels from row `y`, column `x`
 * on.
 */
typedef struct te_conv_2d_s8_source {
    const int8_t *at;
    int32_t pitch; /* from a group's inputs to the next one's */
    const int8_t *in;
    int32_t y, x;
    int8_t *strip;
} te_conv_2d_s8_source;

/* All outputs of `some` of `pixels` pixels. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_pixels(const te_conv_2d *p, const te_conv_2d_helium *laid, te_conv_2d_s8_strip s,
                     te_conv_2d_s8_source from, const int8_t *weights, const int32_t *bias,
                     const int32_t *multiplier, const int8_t *shift, int32_t pixels, int32_t some,
                     int8_t *out) {
    const int32_t size = p->out_channels / p->groups;
    int32_t sums[TE_CONV_2D_HELIUM_PIXELS * TE_CONV_2D_HELIUM_BLOCK];
    const int8_t *at[TE_CONV_2D_HELIUM_PIXELS];
    for (int32_t j = 0; j < TE_CONV_2D_HELIUM_PIXELS; j++)
        at[j] = from.at + j * s.step;
    for (int32_t group = 0; group < p->groups; group++) {
        for (int32_t first = 0; first < size; first += TE_CONV_2D_HELIUM_BLOCK) {
            const int32_t count = te_min(size - first, TE_CONV_2D_HELIUM_BLOCK);
            for (int32_t done = 0; done < s.depth; done += laid->part) {
                int32_t *to = sums;
                if (s.late)
                    te_conv_2d_s8_lay(p, laid, s, from.in + group * s.depth + done,
                                      te_min(s.depth - done, laid->part), from.y, from.x, some, from.strip);
                TE_ROLLED
                for (int32_t left = count; left > 0; left -= 4) {
                    for (int32_t pair = 0; pair < te_min(left, 4); pair += 2)
                        weights = te_conv_2d_s8_tile(s, weights, at, pixels, done > 0, to + pair);
                    to += pixels * 4;
                }
            }
            te_conv_2d_s8_finish(p, s, sums, bias, multiplier, shift, group * size + first, count, pixels,
                                 some, out);
        }
        for (int32_t j = 0; j < TE_CONV_2D_HELIUM_PIXELS; j++)
            at[j] += from.pitch;
    }
}

TE_KERNEL te_conv_2d_s8_helium_fn te_conv_2d_s8_helium;

TE_KERNEL void te_conv_2d_s8_helium(const te_conv_2d *restrict p, const te_conv_2d_helium *restrict laid,
                                    const int8_t *in, const int8_t *weights, const int32_t *bias,
                                    const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const te_conv_2d_s8_strip s = te_conv_2d_s8_plan(p, laid);
    const int padded = p->pad_left > 0 || p->pad_top > 0 ||
                       (p->out_height - 1) * p->stride_y >= p->in_height ||
                       (p->out_width - 1) * p->stride_x + p->kernel_width > p->in_width;
    /* Whether windows can stay where they are. All are read before the first output is written, on which the
       distance of tinyedge/ops/window.py relies. */
    const int direct = laid->shared && p->kernel_height == 1 && laid->part == p->in_channels && !padded &&
                       p->out_channels <= TE_CONV_2D_HELIUM_BLOCK;
    const int32_t width = p->out_height * p->out_width / s.lines;
    const int32_t stretch = s.late ? TE_CONV_2D_HELIUM_PIXELS : laid->stretch;
    const int32_t stretches = (width + stretch - 1) / stretch;
    const int32_t pitch = s.late         ? 0
                          : laid->shared ? ((stretch - 1) * p->stride_x + p->kernel_width) * s.column
                                         : stretch * s.step;
    /* Where the width is a constant, the last pixels of a row have code of their own. */
    const int known = __builtin_constant_p(width);
    const int32_t made_last = known ? width % TE_CONV_2D_HELIUM_PIXELS : 0;
    const int32_t size = p->in_height * p->in_width * p->in_channels;
    const int32_t reach = (TE_CONV_2D_HELIUM_PIXELS - 1) * s.step + s.vectors * 16;
    _Alignas(4) int8_t strip[TE_CONV_2D_HELIUM_STRIP + 16];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *const image = in + batch * size;
        for (int32_t line = 0; line < s.lines; line++) {
            const int32_t first = te_turn(line, s.lines, p->reverse) * width;
            TE_ROLLED
            for (int32_t i = 0; i < stretches; i++) {
                const int32_t begin = te_turn(i, stretches, p->reverse) * stretch;
                const int32_t pixels = te_min(width - begin, stretch);
                const int32_t y = (first + begin) / p->out_width, x = (first + begin) % p->out_width;
                const int32_t place = (y * p->stride_y * p->in_width + x * p->stride_x) * p->in_channels;
                int8_t *to = out + (batch * s.lines * width + first + begin) * p->out_channels;
                te_conv_2d_s8_source from = {strip, pitch, image, y, x, strip};
                if (direct && size - place >= reach)
                    from.at = image + place;
                else if (!s.late)
                    for (int32_t group = 0; group < p->groups; group++)
                        te_conv_2d_s8_lay(p, laid, s, image + group * s.depth, s.depth, y, x, pixels,
                                          strip + group * pitch);
                TE_ROLLED
                for (int32_t rest = pixels; rest > 0; rest -= TE_CONV_2D_HELIUM_PIXELS) {
                    if (made_last == 0 || rest >= TE_CONV_2D_HELIUM_PIXELS)
                        te_conv_2d_s8_pixels(
                            p, laid, s, from, weights, bias, multiplier, shift, TE_CONV_2D_HELIUM_PIXELS,
                            known ? TE_CONV_2D_HELIUM_PIXELS : te_min(rest, TE_CONV_2D_HELIUM_PIXELS), to);
                    else
                        te_conv_2d_s8_pixels(p, laid, s, from, weights, bias, multiplier, shift, made_last,
                                             made_last, to);
                    from.at += TE_CONV_2D_HELIUM_PIXELS * s.step;
                    to += TE_CONV_2D_HELIUM_PIXELS * p->out_channels;
                }
            }
        }
    }
}
