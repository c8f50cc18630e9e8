/* SPDX-License-Identifier: Apache-2.0 */
/* Four channels at a time, so that one load of inputs serves four.

   Weights, from tinyedge/plan/layout/helium_transpose.py: for every tap, every four channels and every 16 of the
   depth, the 16 weights of each of the four; tap_bias: the four channels' of every tap. What does not fill a
   vector or four channels is filled up with zeros. */
#include "kernels/helium/transpose_conv.h"
#include "kernels/helium/vector.h"

/* The input pixels that meet an output pixel, and the number of the tap by which each does. */
typedef struct te_transpose_conv_met {
    const int8_t *pixel[TE_TRANSPOSE_CONV_HELIUM_TAPS];
    int32_t tap[TE_TRANSPOSE_CONV_HELIUM_TAPS];
    int32_t count;
} te_transpose_conv_met;

/* Every stride-th tap meets an input; later taps meet earlier ones. */
static inline te_transpose_conv_met te_transpose_conv_meet(const te_transpose_conv *p, const int8_t *image,
                                                           int32_t top, int32_t left) {
    te_transpose_conv_met met;
    met.count = 0;
    TE_ROLLED
    for (int32_t ky = top % p->stride_y; ky < p->kernel_height && ky <= top; ky += p->stride_y) {
        const int32_t row = (top - ky) / p->stride_y;
        if (row >= p->in_height)
            continue;
        int32_t kx = left % p->stride_x, column = left / p->stride_x;
        for (; column >= p->in_width; column--)
            kx += p->stride_x;
        TE_ROLLED
        for (; kx < p->kernel_width && column >= 0; column--) {
            met.pixel[met.count] = image + (row * p->in_width + column) * p->in_channels;
            met.tap[met.count++] = ky * p->kernel_width + kx;
            kx += p->stride_x;
        }
    }
    return met;
}

/* Adds to the sums of four channels what 16 of the depth, or fewer, give. */
static inline void te_transpose_conv_s8_add(int8x16_t x, const int8_t *w, int32_t *sums) {
    sums[0] = vmladavaq_s8(sums[0], x, vldrbq_s8(w));
    sums[1] = vmladavaq_s8(sums[1], x, vldrbq_s8(w + TE_TRANSPOSE_CONV_LANES));
    sums[2] = vmladavaq_s8(sums[2], x, vldrbq_s8(w + 2 * TE_TRANSPOSE_CONV_LANES));
    sums[3] = vmladavaq_s8(sums[3], x, vldrbq_s8(w + 3 * TE_TRANSPOSE_CONV_LANES));
}

/* The sums of four channels, which are number `which`, but for the bias. */
static inline int32x4_t te_transpose_conv_s8_sums(const te_transpose_conv *p,
                                                  const te_transpose_conv_met *met, const int8_t *weights,
                                                  const int32_t *tap_bias, int32_t which) {
    enum { LANES = TE_TRANSPOSE_CONV_LANES, CHANNELS = TE_TRANSPOSE_CONV_CHANNELS };
    const int32_t block = (p->in_channels + LANES - 1) / LANES * LANES * CHANNELS;
    const int32_t blocks = (p->out_channels + CHANNELS - 1) / CHANNELS;
    int32_t sums[CHANNELS] = {0};
    int32x4_t start = vdupq_n_s32(0);
    TE_ROLLED
    for (int32_t i = 0; i < met->count; i++) {
        const int8_t *x = met->pixel[i];
        const int32_t at = met->tap[i] * blocks + which;
        const int8_t *w = weights + at * block;
        for (int32_t part = p->in_channels / LANES; part > 0; part--) {
            te_transpose_conv_s8_add(vldrbq_s8(x), w, sums);
            x += LANES;
            w += LANES * CHANNELS;
        }
        if (p->in_channels % LANES > 0)
            te_transpose_conv_s8_add(vldrbq_z_s8(x, vctp8q((uint32_t)(p->in_channels % LANES))), w, sums);
        start = vaddq_s32(start, vldrwq_s32(tap_bias + at * CHANNELS));
    }
    start = vsetq_lane_s32(vgetq_lane_s32(start, 0) + sums[0], start, 0);
    start = vsetq_lane_s32(vgetq_lane_s32(start, 1) + sums[1], start, 1);
    start = vsetq_lane_s32(vgetq_lane_s32(start, 2) + sums[2], start, 2);
    return vsetq_lane_s32(vgetq_lane_s32(start, 3) + sums[3], start, 3);
}

TE_KERNEL te_transpose_conv_s8_fn te_transpose_conv_s8_helium;

TE_KERNEL void te_transpose_conv_s8_helium(const te_transpose_conv *restrict p, const int8_t *in,
                                           const int8_t *weights, const int32_t *tap_bias,
                                           const int32_t *bias, const int32_t *multiplier,
                                           const int8_t *shift, int8_t *out) {
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            TE_ROLLED
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                int8_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->out_channels;
                const te_transpose_conv_met met =
                    te_transpose_conv_meet(p, image, y + p->pad_top, x + p->pad_left);
                TE_ROLLED
                for (int32_t c = 0; c < p->out_channels; c += TE_TRANSPOSE_CONV_CHANNELS) {
                    const int whole = p->out_channels % TE_TRANSPOSE_CONV_CHANNELS == 0;
                    const mve_pred16_t lanes = vctp32q(whole ? 4 : (uint32_t)(p->out_channels - c));
                    const te_scales by =
                        te_load_scales(multiplier, shift, p->channel_step, c, 0, whole, lanes);
                    int32x4_t v =
                        te_transpose_conv_s8_sums(p, &met, weights, tap_bias, c / TE_TRANSPOSE_CONV_CHANNELS);
                    v = vaddq_s32(v, te_load_s32(bias + c, whole, lanes));
                    v = vaddq_n_s32(te_requantize_x4(v, by, p->max_shift, 1), p->out_zero_point);
                    v = vminq_s32(vmaxq_s32(v, vdupq_n_s32(p->out_min)), vdupq_n_s32(p->out_max));
                    vstrbq_p_s32(to + c, v, lanes);
                }
            }
        }
    }
}
