/* SPDX-License-Identifier: Apache-2.0 */
/* What fast kernels with int16 activations share: requantisation of sums that fit 32 bits, and windows. The
   constants come from tinyedge/plan/layout/short.py, which gives them where that is exact. */
#ifndef TE_SHORT_H
#define TE_SHORT_H

#include "kernels/conv_2d.h"
#include "kernels/taps.h"
#include "kernels/unrolled.h"

/* te_requantize_reduced(value, multiplier / 2^16, shift + 16), for shifts of 1 to 30. Rounding down to 2^-16
   first changes nothing: floor((floor(a) + n) / m) = floor((a + n) / m) for integers n and m. */
static inline int32_t te_requantize_short(int32_t value, int32_t multiplier, int32_t shift) {
    return (te_product_high(value, multiplier) + ((INT32_C(1) << shift) >> 1)) >> shift;
}

/* te_requantize_wide in the same way, for shifts that are 32 less and 1 to 30, and lower bits that are a
   multiplier with a sign: where they exceed 2^31, they count 2^32 less and the upper ones 1 more. */
static inline int32_t te_requantize_upper(int32_t value, int32_t multiplier, int32_t low, int32_t shift,
                                          int ties_away) {
    const int32_t below = te_product_high(value, low) - (ties_away && value < 0);
    const int64_t product = te_product(value, multiplier) + below;
    return ((int32_t)(product >> 32) + ((INT32_C(1) << shift) >> 1)) >> shift;
}

typedef void te_copy_s16_fn(int16_t *to, const int16_t *from, int32_t count);

typedef void te_clear_s16_fn(int16_t *to, int32_t count);

/* One for cores without vectors: no call of memset, which may go byte by byte, as these are short. */
static inline void te_short_clear(int16_t *to, int32_t count) {
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i++) {
        int32_t value = 0;
        TE_NOW(value);
        to[i] = (int16_t)value;
    }
}

/* Inputs from to `to` - 1 of a group's window at output `pixel`, in the order of its weights. */
static inline __attribute__((always_inline)) void
te_conv_2d_s16_lay(const te_conv_2d *p, const int16_t *image, int32_t pixel, int32_t group, int32_t from,
                   int32_t to, te_copy_s16_fn *copy, te_clear_s16_fn *clear, int16_t *window) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t line = p->kernel_width * depth;
    const int parted = to - from < p->kernel_height * line;
    const int joined = p->dilation_x == 1 && p->groups == 1;
    const int32_t top = pixel / p->out_width * p->stride_y - p->pad_top;
    const int32_t left = pixel % p->out_width * p->stride_x - p->pad_left;
    const int32_t down = (p->kernel_height - 1) * p->dilation_y, bottom = top + down;
    const int32_t across = (p->kernel_width - 1) * p->dilation_x, right = left + across;

    /* Without padding all windows lie within the input: a compiler that knows that need not look. */
    const int always =
        p->pad_top <= 0 && (p->out_height - 1) * p->stride_y - p->pad_top + down < p->in_height &&
        p->pad_left <= 0 && (p->out_width - 1) * p->stride_x - p->pad_left + across < p->in_width;
    const int inside = top >= 0 && left >= 0 && bottom < p->in_height && right < p->in_width;

    /* Most do: whole rows, one behind another. */
    if (joined && !parted && (__builtin_constant_p(always) && always ? 1 : p->kernel_height > 1 && inside)) {
        TE_ROLLED
        for (int32_t y = top; y <= bottom; y += p->dilation_y) {
            copy(window, image + (y * p->in_width + left) * p->in_channels, line);
            window += line;
        }
        return;
    }
    const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
    const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
    const int32_t width = columns.last - columns.first;
    const int32_t run = joined ? width : 1;

    if (rows.last - rows.first < p->kernel_height || width < p->kernel_width)
        clear(window, to - from);
    TE_ROLLED
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int16_t *const row =
            image + (top + ky * p->dilation_y) * p->in_width * p->in_channels + group * depth;
        TE_ROLLED
        for (int32_t kx = columns.first; kx < columns.last; kx += run) {
            const int32_t start = ky * line + kx * depth;
            const int32_t first = parted ? te_max(start, from) : start;
            const int32_t last = parted ? te_min(start + run * depth, to) : start + run * depth;
            if (last > first)
                copy(window + first - from,
                     row + (left + kx * p->dilation_x) * p->in_channels + first - start, last - first);
        }
    }
}

typedef int32_t te_scale_fn(int32_t sum, int32_t multiplier, int32_t shift);

/* Outputs of `count` channels from `first` on, at up to `places` output pixels from `pixel` on, from sums [count,
   places]. */
static inline __attribute__((always_inline)) void
te_conv_2d_s16_requantize(const te_conv_2d *p, const int32_t *sums, const int32_t *bias,
                          const int32_t *multiplier, const int8_t *shift, int32_t first, int32_t count,
                          int32_t pixel, int32_t pixels, int16_t *out, int32_t places, te_scale_fn *scale) {
    const int32_t *const base = bias + first, *const factor = multiplier + first;
    const int8_t *const right = shift + first;
    const int32_t last = te_min(places, pixels - pixel);
    TE_ROLLED
    for (int32_t j = 0; j < last; j++) {
        int16_t *const to = out + te_turn(pixel + j, pixels, p->reverse) * p->out_channels + first;
        TE_ROLLED
        for (int32_t c = 0; c < count; c++) {
            const int32_t scaled = scale(sums[c * places + j] + base[c], factor[c], right[c]);
            to[c] = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
        }
    }
}

#endif
