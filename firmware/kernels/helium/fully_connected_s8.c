/* SPDX-License-Identifier: Apache-2.0 */
/* Four outputs at a time, so that one load of inputs serves four rows of weights.

   Weights lie in the order of use (tinyedge/layout/helium_dense.py): for every four channels, 16
   weights of each of their rows, the next 16 of each, then what is left of each; channels beyond a multiple
   of four follow as plain rows. */
#include <arm_mve.h>

#include "kernels/fully_connected.h"

enum { TE_FULLY_CONNECTED_S8_LANES = 16, TE_FULLY_CONNECTED_S8_ROWS = 4 };

/* The sums of `rows` channels: 4, or 1 in every lane. */
static inline int32x4_t te_fully_connected_s8_sums(const int8_t *in, const int8_t *weights,
                                                   const int32_t *bias, int32_t depth, int32_t rows) {
    const int32_t tail = depth % TE_FULLY_CONNECTED_S8_LANES;
    int32_t a = bias[0], b = 0, c = 0, d = 0;
    if (rows > 1) {
        b = bias[1];
        c = bias[2];
        d = bias[3];
    }
    for (int32_t i = depth / TE_FULLY_CONNECTED_S8_LANES; i > 0; i--) {
        const int8x16_t x = vldrbq_s8(in);
        a = vmladavaq_s8(a, x, vldrbq_s8(weights));
        if (rows > 1) {
            b = vmladavaq_s8(b, x, vldrbq_s8(weights + 16));
            c = vmladavaq_s8(c, x, vldrbq_s8(weights + 32));
            d = vmladavaq_s8(d, x, vldrbq_s8(weights + 48));
        }
        in += TE_FULLY_CONNECTED_S8_LANES;
        weights += rows * TE_FULLY_CONNECTED_S8_LANES;
    }
    if (tail > 0) {
        const mve_pred16_t some = vctp8q((uint32_t)tail);
        const int8x16_t x = vldrbq_z_s8(in, some);
        a = vmladavaq_s8(a, x, vldrbq_z_s8(weights, some));
        if (rows > 1) {
            b = vmladavaq_s8(b, x, vldrbq_z_s8(weights + tail, some));
            c = vmladavaq_s8(c, x, vldrbq_z_s8(weights + 2 * tail, some));
            d = vmladavaq_s8(d, x, vldrbq_z_s8(weights + 3 * tail, some));
        }
    }
    int32x4_t sums = vdupq_n_s32(a);
    if (rows > 1) {
        sums = vsetq_lane_s32(b, sums, 1);
        sums = vsetq_lane_s32(c, sums, 2);
        sums = vsetq_lane_s32(d, sums, 3);
    }
    return sums;
}

/* The outputs of `rows` channels, 4 or 1, from the sums of channel `first` and the next. */
static inline int32x4_t te_fully_connected_s8_scale(const te_fully_connected *p, int32x4_t sums,
                                                    const int32_t *multiplier, const int8_t *shift,
                                                    int32_t first, int32_t rows) {
    if (p->fitted) {
        const int32x4_t factor = p->channel_step && rows > 1
                                     ? vldrwq_s32(multiplier + first)
                                     : vdupq_n_s32(multiplier[p->channel_step * first]);
        if (p->left > 0)
            sums = vqshlq_r_s32(sums, p->left);
        sums = vqrdmlashq_n_s32(sums, factor, p->out_zero_point * (INT32_C(1) << p->right));
        if (p->right > 0)
            sums = vrshlq_n_s32(sums, -p->right);
    } else {
        int32_t scaled[TE_FULLY_CONNECTED_S8_ROWS];
        vstrwq_s32(scaled, sums);
        for (int32_t i = 0; i < rows; i++) {
            const int32_t c = p->channel_step * (first + i);
            scaled[i] = p->once ? te_requantize_once(scaled[i], multiplier[c], shift[c])
                                : te_requantize(scaled[i], multiplier[c], shift[c]);
        }
        sums = vaddq_n_s32(vldrwq_s32(scaled), p->out_zero_point);
    }
    return vminq_s32(vmaxq_s32(sums, vdupq_n_s32(p->out_min)), vdupq_n_s32(p->out_max));
}

TE_KERNEL te_fully_connected_s8_fn te_fully_connected_s8_helium;

TE_KERNEL void te_fully_connected_s8_helium(const te_fully_connected *p, const int8_t *in,
                                            const int8_t *weights, const int32_t *bias,
                                            const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights;
        int32_t channel = 0;
        for (; channel + TE_FULLY_CONNECTED_S8_ROWS <= p->channels; channel += TE_FULLY_CONNECTED_S8_ROWS) {
            const int32x4_t sums = te_fully_connected_s8_sums(in, w, bias + channel, p->depth, 4);
            vstrbq_s32(out, te_fully_connected_s8_scale(p, sums, multiplier, shift, channel, 4));
            w += TE_FULLY_CONNECTED_S8_ROWS * p->depth;
            out += TE_FULLY_CONNECTED_S8_ROWS;
        }
        for (; channel < p->channels; channel++) {
            const int32x4_t sums = te_fully_connected_s8_sums(in, w, bias + channel, p->depth, 1);
            const int32x4_t scaled = te_fully_connected_s8_scale(p, sums, multiplier, shift, channel, 1);
            *out++ = (int8_t)vgetq_lane_s32(scaled, 0);
            w += p->depth;
        }
        in += p->depth;
    }
}
