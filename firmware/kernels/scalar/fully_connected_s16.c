/* SPDX-License-Identifier: Apache-2.0 */
/* Eight channels at a time, so that one load of an input serves eight.

   Weights, from tinyedge/plan/layout/scalar_short.py: for every eight channels and every one of those that
   remain, [depth, channels]. */
#include "kernels/scalar/fully_connected.h"
#include "kernels/short.h"
#include "kernels/unrolled.h"

/* The outputs of `count` channels from channel `first` on; gives the next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_fully_connected_s16_scalar_few(const te_fully_connected *p, const int16_t *in, const int8_t *weights,
                                  const int32_t *bias, const int32_t *multiplier, const int32_t *low,
                                  const int8_t *shift, int32_t first, int32_t count, int16_t *out) {
    int32_t sums[TE_FULLY_CONNECTED_SCALAR_EIGHT];
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++)
        sums[i] = bias[first + i];
    const int16_t *const end = in + p->depth;
    TE_UNROLLED_BY_4
    while (in != end) {
        const int32_t x = *in++;
        TE_UNROLLED
        for (int32_t i = 0; i < count; i++) {
            sums[i] += x * weights[i];
            TE_NOW(sums[i]);
        }
        weights += count;
    }
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++) {
        const int32_t c = first + i;
        const int32_t scaled = te_requantize_upper(sums[i], multiplier[c], low[c], shift[c], p->once);
        out[c] = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
    }
    return weights;
}

TE_KERNEL te_fully_connected_s16_short_fn te_fully_connected_s16_scalar;

TE_KERNEL void te_fully_connected_s16_scalar(const te_fully_connected *restrict p, const int16_t *in,
                                             const int8_t *weights, const int32_t *bias,
                                             const int32_t *multiplier, const int32_t *low,
                                             const int8_t *shift, int16_t *out) {
    enum { EIGHT = TE_FULLY_CONNECTED_SCALAR_EIGHT };
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights;
        int32_t c = 0;
        for (; c + EIGHT <= p->channels; c += EIGHT)
            w = te_fully_connected_s16_scalar_few(p, in, w, bias, multiplier, low, shift, c, EIGHT, out);
        for (; c < p->channels; c++)
            w = te_fully_connected_s16_scalar_few(p, in, w, bias, multiplier, low, shift, c, 1, out);
        in += p->depth;
        out += p->channels;
    }
}
