/* SPDX-License-Identifier: Apache-2.0 */
/* Windows of up to 3 x 3 inputs, each of which a vector holds whole: one instruction sums all its products.

   Inputs of `part` channels for the next lines are laid into a strip on the stack, before the first of their
   outputs is written: of every channel its columns side by side, each of four rows. 16 bytes of it are a
   square of 4 x 4 inputs, which has the windows of 2 x 2 neighbours, with stride 1: two lines are made at a
   time, and the weights in the places of the window are the same, moved by a row and by a column. With any
   other stride it has one. Where the next lines begin two rows on, and the channels are one part, the rows
   that they share stay: the strip of each channel then begins two bytes on, and two new rows take the places
   of the two that are done with, a column on.

   Weights, from tinyedge/plan/layout/helium_windows.py: of each channel 16 bytes, columns of four rows. Those
   behind the last weight are 0, and so are the five before the first channel: from there on, a byte earlier
   is a row later, and four are a column. */
#include "kernels/helium/depthwise_conv_2d.h"
#include "kernels/helium/vector.h"
#include "kernels/unrolled.h"

enum { TE_WINDOWS_UNIT = 8 /* outputs at a time: 4 columns of 2 lines, or 8 of one */ };

/* What one channel's sums are multiplied by, and what they begin with. Where `drawn`, there are no
   shifts; what is added to products is `added`, else the zero point. */
typedef struct te_windows_channel {
    int32_t bias, multiplier, shift, added;
    int drawn;
} te_windows_channel;

/* Where the outputs of a unit go, from its first one; where the outputs of two channels go, whose last units
   have one vector of sums each; which lanes there are of last units. */
typedef struct te_windows_targets {
    uint16x8_t offsets;
    const uint16_t *beside;
    mve_pred16_t last;
} te_windows_targets;

static inline int te_windows_square(const te_depthwise_conv_2d *p) {
    return p->stride_y == 1 && p->stride_x == 1;
}

/* Columns of a unit. */
static inline int32_t te_windows_columns(const te_depthwise_conv_2d *p) {
    return te_windows_square(p) ? TE_WINDOWS_UNIT / 2 : TE_WINDOWS_UNIT;
}

/* Columns of input that a line of windows has. */
static inline int32_t te_windows_reach(const te_depthwise_conv_2d *p) {
    return (p->out_width - 1) * p->stride_x + p->kernel_width;
}

/* Lane 2 i is the i-th sum of the first vector of sums, 2 i + 1 that of the second. */
static inline te_windows_targets te_windows_place(const te_depthwise_conv_2d *p, uint16_t *beside) {
    const uint16x8_t lane = vidupq_n_u16(0, 1), second = vandq_u16(lane, vdupq_n_u16(1));
    const int square = te_windows_square(p);
    uint16x8_t column = vshrq_n_u16(lane, 1), line = vdupq_n_u16(0);
    if (square) {
        line = vshrq_n_u16(lane, 2);
        column = vandq_u16(column, vdupq_n_u16(1));
    }
    const uint16x8_t from = vmulq_n_u16(line, (uint16_t)(p->out_width * p->out_channels));
    const int32_t columns = te_windows_columns(p), rest = p->out_width % columns;
    const uint16x8_t far = vaddq_u16(column, vmulq_n_u16(second, (uint16_t)(columns / 2)));
    te_windows_targets to;
    to.offsets = vaddq_u16(from, vmulq_n_u16(far, (uint16_t)p->out_channels));
    vstrhq_u16(beside, vaddq_u16(vaddq_u16(from, vmulq_n_u16(column, (uint16_t)p->out_channels)), second));
    to.beside = beside;
    TE_FORGET(to.beside); /* so that it is loaded where it is needed: sums need all registers */
    to.last = vcmphiq_u16(vdupq_n_u16((uint16_t)rest), rest > columns / 2 ? far : column);
    return to;
}

/* What inputs are laid with: where eight channels are, and two rows of zero points. */
typedef struct te_windows_laying {
    uint16x8_t planes, zeros;
    int32_t pitch, channels;
} te_windows_laying;

/* Lays two rows of a column: those at `from` and `row` bytes on or, where there are none to copy, zero points. */
static inline __attribute__((always_inline)) void
te_windows_lay_column(te_windows_laying by, int copied, const int8_t *from, int32_t row, int8_t *to) {
    const uint8_t *upper = (const uint8_t *)from, *lower = (const uint8_t *)te_beside_s8(from, row);
    uint16x8_t rows = by.zeros;
    int32_t left = by.channels;
    TE_TWICE
    for (; left >= TE_WINDOWS_TOGETHER; left -= TE_WINDOWS_TOGETHER) {
        TE_BARRIER();
        if (copied) {
            rows = vsliq_n_u16(vldrbq_u16(upper), vldrbq_u16(lower), 8);
            upper += TE_WINDOWS_TOGETHER;
            lower += TE_WINDOWS_TOGETHER;
        }
        vstrhq_scatter_offset_u16((uint16_t *)(void *)to, by.planes, rows);
        to += TE_WINDOWS_TOGETHER * by.pitch;
    }
    if (left > 0) {
        const mve_pred16_t some = vctp16q((uint32_t)left);
        if (copied)
            rows = vsliq_n_u16(vldrbq_z_u16(upper, some), vldrbq_z_u16(lower, some), 8);
        vstrhq_scatter_offset_p_u16((uint16_t *)(void *)to, by.planes, rows, some);
    }
}

/* The same of one row. */
static inline __attribute__((always_inline)) void te_windows_lay_single(te_windows_laying by,
                                                                        const int8_t *from, int8_t *to) {
    TE_ROLLED
    for (int32_t left = by.channels; left > 0; left -= TE_WINDOWS_TOGETHER) {
        const mve_pred16_t some = vctp16q((uint32_t)left);
        vstrbq_scatter_offset_p_s16(to, by.planes, vldrbq_z_s16(from, some), some);
        from += TE_WINDOWS_TOGETHER;
        to += TE_WINDOWS_TOGETHER * by.pitch;
    }
}

/* Lays zero points in columns `begin` to end - 1. */
static inline __attribute__((always_inline)) void te_windows_fill(te_windows_laying by, int32_t begin,
                                                                  int32_t end, int8_t *to) {
    TE_ROLLED
    for (int32_t x = begin; x < end; x++)
        te_windows_lay_column(by, 0, to, 0, to + TE_WINDOWS_SQUARE * x);
}

/* Lays rows y and y + 1 of `channels` channels from `image` on, and zero points for what of columns `begin`
   to end - 1 is not the input's. */
static inline __attribute__((always_inline)) void te_windows_lay(const te_depthwise_conv_2d *p, int32_t pitch,
                                                                 const int8_t *image, int32_t y,
                                                                 int32_t begin, int32_t end, int32_t channels,
                                                                 int8_t *to) {
    const int32_t columns = te_windows_reach(p), row = p->in_width * p->in_channels;
    const int32_t first = te_min(p->pad_left, columns), last = te_min(p->pad_left + p->in_width, columns);
    const int upper = y >= 0 && y < p->in_height, lower = y + 1 >= 0 && y + 1 < p->in_height;
    const int both = upper && lower;
    const int8_t *from = te_beside_s8(image, (upper ? y : y + 1) * row);
    /* Made here: a compiler else keeps these vectors in registers all the time, of which sums need all. */
    int32_t apart = pitch, zeros = (p->in_zero_point & 255) * 257;
    TE_NOW(apart);
    TE_NOW(zeros);
    const te_windows_laying by = {vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)apart),
                                  vdupq_n_u16((uint16_t)zeros), pitch, channels};
    te_windows_fill(by, begin, both ? first : te_max(end, last), to);
    if (both) {
        TE_ROLLED
        for (int32_t x = first; x < last; x++) {
            te_windows_lay_column(by, 1, from, row, to + TE_WINDOWS_SQUARE * x);
            from += p->in_channels;
        }
        te_windows_fill(by, last, end, to);
    } else if (upper || lower) {
        TE_ROLLED
        for (int32_t x = first; x < last; x++) {
            te_windows_lay_single(by, from, to + TE_WINDOWS_SQUARE * x + lower);
            from += p->in_channels;
        }
    }
}

/* The sums of one vector, in registers of the core: of 2 x 2 windows, left ones first, or of four of a line. */
typedef struct te_windows_sums {
    int32_t of[4];
} te_windows_sums;

/* Those of `columns` columns; what is not asked for has no value. */
static inline __attribute__((always_inline)) te_windows_sums te_windows_sum(const te_depthwise_conv_2d *p,
                                                                            const int8_t *x,
                                                                            const int8x16_t *w,
                                                                            int32_t columns) {
    const int32_t step = TE_WINDOWS_SQUARE * p->stride_x;
    te_windows_sums sums;
    if (te_windows_square(p)) {
        const int8x16_t v = vldrbq_s8(x);
        TE_UNROLLED
        for (int32_t i = 0; i < 4; i++) {
            if (i < 2 || columns > 1)
                sums.of[i] = vmladavq_s8(v, w[i]);
        }
    } else {
        TE_UNROLLED
        for (int32_t i = 0; i < 4; i++) {
            if (i < columns)
                sums.of[i] = vmladavq_s8(vldrbq_s8(x + i * step), w[0]);
        }
    }
    return sums;
}

/* They as a vector: lanes are the windows of a line, then those of the next. */
static inline __attribute__((always_inline)) int32x4_t te_windows_vector(const te_depthwise_conv_2d *p,
                                                                         te_windows_sums sums,
                                                                         int32_t columns) {
    const int square = te_windows_square(p);
    int32x4_t v = vuninitializedq_s32();
    v = vsetq_lane_s32(sums.of[0], v, 0);
    if (square || columns > 2)
        v = vsetq_lane_s32(sums.of[square ? 1 : 2], v, 2);
    if (columns > 1) {
        v = vsetq_lane_s32(sums.of[square ? 2 : 1], v, 1);
        if (square || columns > 3)
            v = vsetq_lane_s32(sums.of[3], v, 3);
    }
    __asm__ volatile("" : "+w"(v)::"memory");
    return v;
}

/* te_requantize of sums of one channel: see te_requantize_x4. */
static inline __attribute__((always_inline)) int32x4_t te_windows_requantize(int32x4_t sums,
                                                                             te_windows_channel by,
                                                                             int32_t max_shift, int ties) {
    sums = vaddq_n_s32(sums, by.bias);
    if (by.drawn)
        return vqrdmulhq_n_s32(sums, by.multiplier);
    if (max_shift > 0)
        sums = vshlq_r_s32(sums, te_max(by.shift, 0));
    sums = vqrdmulhq_n_s32(sums, by.multiplier);
    const int32_t right = max_shift > 0 ? te_min(by.shift, 0) : by.shift;
    if (ties)
        sums = vaddq_s32(sums, vshrq_n_s32(max_shift < 0 ? sums : vandq_s32(sums, vdupq_n_s32(right)), 31));
    return vrshlq_n_s32(sums, right);
}

/* Eight outputs, less what is to be added, of `columns` columns, of which the first four are summed already:
   `first`. It becomes what the next unit begins with, of its `then` columns. While four are requantised the
   next are summed, and no later ones: a compiler has too few registers for more. */
static inline __attribute__((always_inline)) int16x8_t te_windows_eight(const te_depthwise_conv_2d *p,
                                                                        const int8_t *x, const int8x16_t *w,
                                                                        te_windows_channel by,
                                                                        int32_t columns, int32_t then,
                                                                        int32x4_t *first) {
    const int ties = p->out_min < p->out_zero_point;
    const int32_t half = te_windows_columns(p) / 2, step = TE_WINDOWS_SQUARE * half * p->stride_x;
    int32x4_t v = te_windows_requantize(*first, by, p->max_shift, ties);
    int16x8_t outputs = vqmovnbq_s32(vreinterpretq_s16_s32(v), v);
    const te_windows_sums next = te_windows_sum(p, x + step, w, columns - half);
    __asm__ volatile("" : "+w"(outputs));
    v = te_windows_vector(p, next, columns - half);
    if (then > 0)
        *first = te_windows_vector(p, te_windows_sum(p, x + 2 * step, w, then), then);
    return vqmovntq_s32(outputs, te_windows_requantize(v, by, p->max_shift, ties));
}

/* Stores lanes `some` of what `added` is to be added to. */
static inline __attribute__((always_inline)) void te_windows_store(const te_depthwise_conv_2d *p, int16x8_t v,
                                                                   int32_t added, uint16x8_t offsets,
                                                                   mve_pred16_t some, int8_t *out) {
    if (!__builtin_constant_p(added) || added != 0)
        v = vqaddq_n_s16(v, (int16_t)added);
    if (p->out_min == INT8_MIN && p->out_max == INT8_MAX)
        v = vreinterpretq_s16_s8(vqmovnbq_s16(vreinterpretq_s8_s16(v), v));
    else
        v = vminq_s16(vmaxq_s16(v, vdupq_n_s16(p->out_min)), vdupq_n_s16(p->out_max));
    if (__builtin_constant_p(some) && some == 0xffff)
        vstrbq_scatter_offset_s16(out, offsets, v);
    else
        vstrbq_scatter_offset_p_s16(out, offsets, v, some);
}

/* The outputs of `count` channels in one step, one or two: `lines` says which lanes are of lines that there
   are. What two have behind the last unit is stored together. */
static inline __attribute__((always_inline)) void
te_windows_channels(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_helium *laid, const int8_t *x,
                    const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                    const int8_t *shift, const int16_t *added, te_windows_targets to, mve_pred16_t lines,
                    int32_t count, int8_t *out) {
    const int32_t columns = te_windows_columns(p), half = columns / 2, rest = p->out_width % columns;
    const int32_t unit = TE_WINDOWS_SQUARE * columns * p->stride_x;
    /* Columns that a unit sums of the one behind it, which may be none: of a square they are in the one vector
       that may reach behind the strip. */
    const int32_t whole = p->out_width / columns;
    const int ahead = te_windows_square(p);
    const int32_t then = !ahead ? 0 : __builtin_constant_p(whole) && whole == 1 ? te_min(rest, half) : half;
    /* Whether the last unit has code of its own, since nothing is behind it. */
    const int alone = ahead && __builtin_constant_p(rest) && rest == 0 && whole > 1;
    int16x8_t v = vuninitializedq_s16();
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++) {
        te_windows_channel by = {bias[i], multiplier[i], 0, p->out_zero_point, laid->drawn};
        if (by.drawn)
            by.added = added[i];
        else
            by.shift = laid->packed ? by.multiplier | ~15 : shift[i];
        int8x16_t w[TE_WINDOWS_SQUARE];
        w[0] = vldrbq_s8(weights);
        if (te_windows_square(p)) {
            w[1] = vldrbq_s8(weights - 1);
            w[2] = vldrbq_s8(weights - TE_WINDOWS_SQUARE);
            w[3] = vldrbq_s8(weights - TE_WINDOWS_SQUARE - 1);
        }
        const int8_t *tap = x;
        int8_t *pixel = out + i;
        const int32_t begin = whole > 0 ? half : te_min(rest, half), end = te_min(rest, half);
        int32x4_t sums = vuninitializedq_s32();
        if (ahead)
            sums = te_windows_vector(p, te_windows_sum(p, tap, w, begin), begin);
        TE_ROLLED
        for (int32_t units = whole - alone; units > 0; units--) {
            if (!ahead)
                sums = te_windows_vector(p, te_windows_sum(p, tap, w, half), half);
            te_windows_store(p, te_windows_eight(p, tap, w, by, columns, then, &sums), by.added, to.offsets,
                             lines, pixel);
            tap += unit;
            pixel += columns * p->out_channels;
        }
        if (alone)
            te_windows_store(p, te_windows_eight(p, tap, w, by, columns, 0, &sums), by.added, to.offsets,
                             lines, pixel);
        if (!ahead && rest > 0)
            sums = te_windows_vector(p, te_windows_sum(p, tap, w, end), end);
        if (rest > half) {
            te_windows_store(p, te_windows_eight(p, tap, w, by, rest, 0, &sums), by.added, to.offsets,
                             to.last & lines, pixel);
        } else if (rest > 0) {
            sums = te_windows_requantize(sums, by, p->max_shift, p->out_min < p->out_zero_point);
            if (by.drawn)
                sums = vaddq_n_s32(sums, by.added);
            v = i == 0 ? vqmovnbq_s32(vreinterpretq_s16_s32(sums), sums) : vqmovntq_s32(v, sums);
            __asm__ volatile("" : "+w"(v)); /* lest the scale of the first channel outlives it */
            if (i == count - 1)
                te_windows_store(p, v, by.drawn ? 0 : by.added, vldrhq_u16(to.beside),
                                 to.last & lines & (count == 1 ? 0x3333 : 0xffff), pixel - i);
        }
        x += laid->pitch;
        weights += TE_WINDOWS_SQUARE * TE_WINDOWS_SQUARE;
    }
}

TE_KERNEL te_depthwise_conv_2d_s8_helium_fn te_depthwise_conv_2d_s8_windows_helium;

TE_KERNEL void te_depthwise_conv_2d_s8_windows_helium(const te_depthwise_conv_2d *restrict p,
                                                      const te_depthwise_conv_2d_helium *restrict laid,
                                                      const int8_t *in, const int8_t *weights,
                                                      const int32_t *bias, const int32_t *multiplier,
                                                      const int8_t *shift, int8_t *out) {
    const int32_t at_once = te_windows_square(p) ? 2 : 1; /* lines */
    const int32_t steps = (p->out_height + at_once - 1) / at_once;
    const int32_t columns = te_windows_reach(p), needed = columns * TE_WINDOWS_SQUARE;
    const int keep = at_once * p->stride_y == 2 && laid->part == p->out_channels;
    const int32_t room = keep ? laid->pitch - needed : 0; /* bytes that the strip of a channel can move on */
    const int32_t rest = p->out_width % te_windows_columns(p);
    const int two = rest > 0 && rest <= te_windows_columns(p) / 2;
    /* Where lines give the outputs. */
    const int16_t *const added = (const int16_t *)(const void *)(multiplier + p->out_channels);
    uint16_t beside[TE_WINDOWS_UNIT];
    const te_windows_targets to = te_windows_place(p, beside);
    /* A vector may reach behind the last channel. */
    _Alignas(8) int8_t strip[TE_DEPTHWISE_CONV_2D_HELIUM_STRIP + 16];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        int32_t moved = room;
        TE_ROLLED
        for (int32_t i = 0; i < steps; i++) {
            const int32_t line = te_turn(i, steps, p->reverse) * at_once;
            const int32_t top = line * p->stride_y - p->pad_top;
            const mve_pred16_t lines = at_once == 2 && p->out_height - line < 2 ? 0xff : 0xffff;
            const int more = moved + 2 <= room;
            moved = more ? moved + 2 : 0;
            int8_t *const window = strip + (p->reverse ? room - moved : moved);
            /* Behind where it moves to, there are zero points for all steps. */
            const int32_t begin = !p->reverse ? 0 : more ? p->pad_left : -room / TE_WINDOWS_SQUARE;
            const int32_t end = p->reverse ? columns : more ? 0 : columns + room / TE_WINDOWS_SQUARE;
            const int32_t rows = more ? 2 : TE_WINDOWS_SQUARE, ky = p->reverse ? 0 : TE_WINDOWS_SQUARE - rows;
            int8_t *pixel = out + (batch * p->out_height + line) * p->out_width * p->out_channels;
            const int8_t *w = weights + (te_windows_square(p) ? TE_WINDOWS_LEAD : 0);
            TE_ROLLED
            for (int32_t first = 0; first < p->out_channels; first += laid->part) {
                const int32_t channels = te_min(laid->part, p->out_channels - first);
                TE_ROLLED
                for (int32_t row = ky; row < ky + rows; row += 2)
                    te_windows_lay(p, laid->pitch, image + first, top + row, begin, end, channels,
                                   window + row);
                const int8_t *x = window;
                int32_t c = first;
                TE_ROLLED
                for (; two && c + 2 <= first + channels; c += 2) {
                    te_windows_channels(p, laid, x, w, bias + c, multiplier + c, shift + c, added + c, to,
                                        lines, 2, pixel + c);
                    x += 2 * laid->pitch;
                    w += 2 * TE_WINDOWS_SQUARE * TE_WINDOWS_SQUARE;
                }
                TE_ROLLED
                for (; c < first + channels; c++) {
                    te_windows_channels(p, laid, x, w, bias + c, multiplier + c, shift + c, added + c, to,
                                        lines, 1, pixel + c);
                    x += laid->pitch;
                    w += TE_WINDOWS_SQUARE * TE_WINDOWS_SQUARE;
                }
            }
        }
    }
}
