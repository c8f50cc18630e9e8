/* SPDX-License-Identifier: Apache-2.0 */
/* Four channels at a time, so that one load of inputs serves four; of a row of outputs every stride-th one after
   another, since they have the taps in common by which they meet inputs.

   Weights, from tinyedge/plan/layout/helium_transpose.py: for every four channels, every row of taps, every
   remainder of a tap's column by the stride, every tap from the last to the first, and every 16 of the depth:
   the 16 weights of each of the four. tap_bias: the four channels' of every tap in the same order. What does not
   fill a vector or four channels is filled up with zeros. */
#include "kernels/helium/transpose_conv.h"
#include "kernels/helium/vector.h"

enum { TE_TRANSPOSE_CONV_S8_PART = TE_TRANSPOSE_CONV_LANES * TE_TRANSPOSE_CONV_CHANNELS };

/* Taps and inputs that meet: `rows` rows of `columns`. From one row to the next inputs go up by one, and taps
   down by the stride; from one column to the next both are the next in their order. */
typedef struct te_transpose_conv_met {
    int32_t rows, columns;
    const int8_t *x;
    int32_t tap;
} te_transpose_conv_met;

/* Adds to the sums of four channels what 16 of the depth, or fewer, give. */
static inline void te_transpose_conv_s8_add(int8x16_t x, const int8_t *w, int32_t *sums) {
    sums[0] = vmladavaq_s8(sums[0], x, vldrbq_s8(w));
    sums[1] = vmladavaq_s8(sums[1], x, vldrbq_s8(w + TE_TRANSPOSE_CONV_LANES));
    sums[2] = vmladavaq_s8(sums[2], x, vldrbq_s8(w + 2 * TE_TRANSPOSE_CONV_LANES));
    sums[3] = vmladavaq_s8(sums[3], x, vldrbq_s8(w + 3 * TE_TRANSPOSE_CONV_LANES));
}

/* Bytes of a tap's weights, for four channels. */
static inline int32_t te_transpose_conv_s8_tap(const te_transpose_conv *p) {
    return (p->in_channels + TE_TRANSPOSE_CONV_LANES - 1) / TE_TRANSPOSE_CONV_LANES *
           TE_TRANSPOSE_CONV_S8_PART;
}

/* Products of four channels, summed. */
static inline int32x4_t te_transpose_conv_s8_products(const te_transpose_conv *p, te_transpose_conv_met met,
                                                      const int8_t *weights) {
    enum { LANES = TE_TRANSPOSE_CONV_LANES, PART = TE_TRANSPOSE_CONV_S8_PART };
    const int32_t rest = p->in_channels % LANES;
    /* Pixels that fill vectors follow one another as the vectors of one do. */
    const int32_t pixels = rest > 0 ? met.columns : 1;
    const int32_t vectors = p->in_channels / LANES * (rest > 0 ? 1 : met.columns);
    int32_t sums[TE_TRANSPOSE_CONV_CHANNELS] = {0};
    TE_ROLLED
    for (int32_t row = met.rows; row > 0; row--) {
        const int8_t *x = met.x, *w = weights;
        TE_ROLLED
        for (int32_t pixel = pixels; pixel > 0; pixel--) {
            TE_ROLLED
            for (int32_t left = vectors; left > 0; left--) {
                te_transpose_conv_s8_add(vldrbq_s8(x), w, sums);
                x += LANES;
                w += PART;
            }
            if (rest > 0) {
                te_transpose_conv_s8_add(vldrbq_z_s8(x, vctp8q((uint32_t)rest)), w, sums);
                x += rest;
                w += PART;
            }
        }
        met.x -= p->in_width * p->in_channels;
        weights += p->stride_y * p->kernel_width * te_transpose_conv_s8_tap(p);
    }
    int32x4_t all = vdupq_n_s32(sums[0]);
    all = vsetq_lane_s32(sums[1], all, 1);
    all = vsetq_lane_s32(sums[2], all, 2);
    return vsetq_lane_s32(sums[3], all, 3);
}

/* `base`, and what the zero point of the inputs adds to it. */
static inline int32x4_t te_transpose_conv_s8_start(const te_transpose_conv *p, te_transpose_conv_met met,
                                                   const int32_t *tap_bias, int32x4_t base) {
    TE_ROLLED
    for (int32_t row = 0; row < met.rows; row++) {
        const int32_t *bias =
            tap_bias + (met.tap + row * p->stride_y * p->kernel_width) * TE_TRANSPOSE_CONV_CHANNELS;
        TE_ROLLED
        for (int32_t column = 0; column < met.columns; column++) {
            base = vaddq_s32(base, vldrwq_s32(bias));
            bias += TE_TRANSPOSE_CONV_CHANNELS;
        }
    }
    return base;
}

/* Of a row of outputs, four channels of every stride-th: those that taps meet whose column has this `remainder` by
   the stride. `all`: those taps, and the row's inputs from the first on. */
static inline void te_transpose_conv_s8_line(const te_transpose_conv *p, te_transpose_conv_met all,
                                             int32_t remainder, const int8_t *weights,
                                             const int32_t *tap_bias, int32x4_t base, te_scales by,
                                             mve_pred16_t lanes, int8_t *out) {
    int32_t x = remainder - p->pad_left % p->stride_x;
    x += x < 0 ? p->stride_x : 0;
    int32_t first = (x + p->pad_left) / p->stride_x - all.columns + 1;
    out += x * p->out_channels;
    int32_t left = (p->out_width - x + p->stride_x - 1) / p->stride_x;
    TE_ROLLED
    while (left > 0) {
        const int32_t inside = te_max(first, 0);
        te_transpose_conv_met met = all;
        met.columns = te_min(first + all.columns, p->in_width) - inside;
        met.x += inside * p->in_channels;
        met.tap += inside - first;
        int32_t count = 1;
        if (met.columns == all.columns)
            count = te_min(left, te_max(p->in_width - all.columns - first + 1, 1));
        const int32x4_t start = te_transpose_conv_s8_start(p, met, tap_bias, base);
        const int8_t *w = weights + met.tap * te_transpose_conv_s8_tap(p);
        left -= count;
        first += count;
        TE_ROLLED
        for (; count > 0; count--) {
            int32x4_t v = vaddq_s32(start, te_transpose_conv_s8_products(p, met, w));
            v = vaddq_n_s32(te_requantize_x4(v, by, p->max_shift, 1), p->out_zero_point);
            v = vminq_s32(vmaxq_s32(v, vdupq_n_s32(p->out_min)), vdupq_n_s32(p->out_max));
            vstrbq_p_s32(out, v, lanes);
            met.x += p->in_channels;
            out += p->stride_x * p->out_channels;
        }
    }
}

TE_KERNEL te_transpose_conv_s8_fn te_transpose_conv_s8_helium;

TE_KERNEL void te_transpose_conv_s8_helium(const te_transpose_conv *restrict p, const int8_t *in,
                                           const int8_t *weights, const int32_t *tap_bias,
                                           const int32_t *bias, const int32_t *multiplier,
                                           const int8_t *shift, int8_t *out) {
    const int32_t taps = p->kernel_height * p->kernel_width;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        TE_ROLLED
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            int32_t ky = (y + p->pad_top) % p->stride_y, row = (y + p->pad_top) / p->stride_y;
            for (; row >= p->in_height; row--)
                ky += p->stride_y;
            te_transpose_conv_met met;
            met.rows = te_min((p->kernel_height - ky + p->stride_y - 1) / p->stride_y, row + 1);
            met.x = in + (batch * p->in_height + row) * p->in_width * p->in_channels;
            TE_ROLLED
            for (int32_t c = 0; c < p->out_channels; c += TE_TRANSPOSE_CONV_CHANNELS) {
                const int whole = p->out_channels % TE_TRANSPOSE_CONV_CHANNELS == 0;
                const mve_pred16_t lanes = vctp32q(whole ? 4 : (uint32_t)(p->out_channels - c));
                const te_scales by = te_load_scales(multiplier, shift, p->channel_step, c, 0, whole, lanes);
                const int32x4_t base = te_load_s32(bias + c, whole, lanes);
                int8_t *to = out + (batch * p->out_height + y) * p->out_width * p->out_channels + c;
                met.tap = c / TE_TRANSPOSE_CONV_CHANNELS * taps + ky * p->kernel_width;
                TE_ROLLED
                for (int32_t kx = 0; kx < p->stride_x; kx++) {
                    met.columns = (p->kernel_width - kx + p->stride_x - 1) / p->stride_x;
                    te_transpose_conv_s8_line(p, met, kx, weights, tap_bias, base, by, lanes, to);
                    met.tap += met.columns;
                }
            }
        }
    }
}
