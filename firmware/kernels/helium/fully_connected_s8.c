/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/helium/dense.h"

/* The outputs of `rows` channels, 4 or 1, from the sums of channel `first` and the next. */
static inline int32x4_t te_fully_connected_s8_scale(const te_fully_connected *p,
                                                    const te_fully_connected_helium *laid, int32x4_t sums,
                                                    const int32_t *multiplier, const int8_t *shift,
                                                    int32_t first, int32_t rows) {
    if (laid->fitted) {
        const int32x4_t factor = p->channel_step && rows > 1
                                     ? vldrwq_s32(multiplier + first)
                                     : vdupq_n_s32(multiplier[p->channel_step * first]);
        if (laid->left > 0)
            sums = vqshlq_r_s32(sums, laid->left);
        sums = vqrdmlashq_n_s32(sums, factor, p->out_zero_point * (INT32_C(1) << laid->right));
        if (laid->right > 0)
            sums = vrshlq_n_s32(sums, -laid->right);
    } else {
        int32_t scaled[TE_FULLY_CONNECTED_HELIUM_ROWS];
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

TE_KERNEL te_fully_connected_s8_helium_fn te_fully_connected_s8_helium;

TE_KERNEL void te_fully_connected_s8_helium(const te_fully_connected *restrict p,
                                            const te_fully_connected_helium *restrict laid, const int8_t *in,
                                            const int8_t *weights, const int32_t *bias,
                                            const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights;
        int32_t channel = 0;
        for (; channel + TE_FULLY_CONNECTED_HELIUM_ROWS <= p->channels;
             channel += TE_FULLY_CONNECTED_HELIUM_ROWS) {
            const int32x4_t sums = te_dense_sums(in, w, bias + channel, p->depth, 4);
            vstrbq_s32(out, te_fully_connected_s8_scale(p, laid, sums, multiplier, shift, channel, 4));
            w += TE_FULLY_CONNECTED_HELIUM_ROWS * p->depth;
            out += TE_FULLY_CONNECTED_HELIUM_ROWS;
        }
        for (; channel < p->channels; channel++) {
            const int32x4_t sums = te_dense_sums(in, w, bias + channel, p->depth, 1);
            const int32x4_t scaled =
                te_fully_connected_s8_scale(p, laid, sums, multiplier, shift, channel, 1);
            *out++ = (int8_t)vgetq_lane_s32(scaled, 0);
            w += p->depth;
        }
        in += p->depth;
    }
}
