/* SPDX-License-Identifier: Apache-2.0 */
/* For cores without vectors: one load of an input serves 16 channels, whose sums stay in registers.

   Weights are, for every 16 channels, then for every 4 and every one of those that remain, [depth, channels].
 */
#include "kernels/fully_connected.h"
#include "kernels/requantize_high.h"
#include "kernels/unrolled.h"

enum {
    TE_FULLY_CONNECTED_S8_SCALAR_MOST = 16,
    TE_FULLY_CONNECTED_S8_SCALAR_FEW = 4,
    TE_FULLY_CONNECTED_S8_SCALAR_TAPS = 4
};

static inline int8_t te_fully_connected_s8_scalar_scaled(const te_fully_connected *p, int32_t sum,
                                                         const int32_t *multiplier, const int8_t *shift,
                                                         int32_t channel) {
    const int32_t c = channel * p->channel_step;
    int32_t scaled;
    if (p->fitted)
        scaled = te_requantize_fitted(sum, multiplier[c], p->left, p->right, p->out_zero_point);
    else if (p->once)
        scaled = te_requantize_once(sum, multiplier[c], shift[c]) + p->out_zero_point;
    else
        scaled = te_requantize(sum, multiplier[c], shift[c]) + p->out_zero_point;
    return (int8_t)te_clamp(scaled, p->out_min, p->out_max);
}

/* Adds one input's products to the sums of `count` channels. */
static inline __attribute__((always_inline)) void
te_fully_connected_s8_scalar_tap(int32_t x, const int8_t *weights, int32_t count, int32_t *sums) {
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        sums[c] += x * weights[c];
        TE_NOW(sums[c]);
    }
}

/* The outputs of `count` channels; gives the next block's weights. */
static inline __attribute__((always_inline)) const int8_t *
te_fully_connected_s8_scalar_block(const te_fully_connected *p, const int8_t *in, const int8_t *weights,
                                   const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                   int32_t channel, int32_t count, int8_t *out) {
    int32_t sums[TE_FULLY_CONNECTED_S8_SCALAR_MOST];
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++)
        sums[c] = bias[channel + c];
    int32_t i = 0;
    for (; i + TE_FULLY_CONNECTED_S8_SCALAR_TAPS <= p->depth; i += TE_FULLY_CONNECTED_S8_SCALAR_TAPS) {
        TE_UNROLLED
        for (int32_t tap = 0; tap < TE_FULLY_CONNECTED_S8_SCALAR_TAPS; tap++)
            te_fully_connected_s8_scalar_tap(in[i + tap], weights + tap * count, count, sums);
        weights += TE_FULLY_CONNECTED_S8_SCALAR_TAPS * count;
    }
    for (; i < p->depth; i++) {
        te_fully_connected_s8_scalar_tap(in[i], weights, count, sums);
        weights += count;
    }
    int32_t kept[TE_FULLY_CONNECTED_S8_SCALAR_MOST];
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++)
        kept[c] = sums[c];
    for (int32_t c = 0; c < count; c++)
        out[channel + c] = te_fully_connected_s8_scalar_scaled(p, kept[c], multiplier, shift, channel + c);
    return weights;
}

TE_KERNEL te_fully_connected_s8_fn te_fully_connected_s8_scalar;

TE_KERNEL void te_fully_connected_s8_scalar(const te_fully_connected *p, const int8_t *in,
                                            const int8_t *weights, const int32_t *bias,
                                            const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    enum { MOST = TE_FULLY_CONNECTED_S8_SCALAR_MOST, FEW = TE_FULLY_CONNECTED_S8_SCALAR_FEW };
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights;
        int32_t c = 0;
        for (; c + MOST <= p->channels; c += MOST)
            w = te_fully_connected_s8_scalar_block(p, in, w, bias, multiplier, shift, c, MOST, out);
        for (; c + FEW <= p->channels; c += FEW)
            w = te_fully_connected_s8_scalar_block(p, in, w, bias, multiplier, shift, c, FEW, out);
        for (; c < p->channels; c++)
            w = te_fully_connected_s8_scalar_block(p, in, w, bias, multiplier, shift, c, 1, out);
        in += p->depth;
        out += p->channels;
    }
}
