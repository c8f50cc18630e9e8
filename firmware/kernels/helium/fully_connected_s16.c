/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen products an instruction, by four channels that share the loads of inputs: an input is 256 times its
   upper byte plus its lower one, and these are summed up apart. Lower bytes count less 128, so that they have
   a sign; what this lacks is in the bias.

   Weights, from tinyedge/plan/layout/helium_short.py: as dense.h says. */
#include <arm_mve.h>

#include "kernels/helium/fully_connected.h"
#include "kernels/helium/vector.h"
#include "kernels/short.h"
#include "kernels/unrolled.h"

enum {
    TE_FULLY_CONNECTED_S16_ROWS = TE_FULLY_CONNECTED_HELIUM_ROWS,
    TE_FULLY_CONNECTED_S16_BYTES = TE_FULLY_CONNECTED_HELIUM_LANES,
    TE_FULLY_CONNECTED_S16_WORDS = TE_FULLY_CONNECTED_HELIUM_LANES / 2, /* inputs of a vector */
};

/* The sums of `rows` channels, 4 or 1, without their biases. */
static inline __attribute__((always_inline)) void te_fully_connected_s16_sums(const int16_t *in,
                                                                              const int8_t *weights,
                                                                              int32_t depth, int32_t rows,
                                                                              int32_t *sums) {
    enum { BYTES = TE_FULLY_CONNECTED_S16_BYTES, WORDS = TE_FULLY_CONNECTED_S16_WORDS };
    const int8x16_t sign = vdupq_n_s8(INT8_MIN);
    const int32_t tail = depth % BYTES;
    /* Where it is known that rounds are even in number, two go without a branch between them. */
    const int32_t together = __builtin_constant_p(depth) && depth / BYTES % 2 == 0 ? 2 : 1;
    int32_t low[TE_FULLY_CONNECTED_S16_ROWS], high[TE_FULLY_CONNECTED_S16_ROWS];
    const int16_t *const end = in + (depth - tail);
    TE_UNROLLED
    for (int32_t i = 0; i < rows; i++)
        low[i] = high[i] = 0;
    TE_ROLLED
    while (in != end) {
        TE_UNROLLED
        for (int32_t more = together; more > 0; more--) {
            const int8x16x2_t x = vld2q_s8((const int8_t *)in);
            const int8x16_t lows = veorq_s8(x.val[0], sign);
            TE_UNROLLED
            for (int32_t i = 0; i < rows; i++) {
                const int8x16_t w = vldrbq_s8(weights + i * BYTES);
                low[i] = vmladavaq_s8(low[i], lows, w);
                high[i] = vmladavaq_s8(high[i], x.val[1], w);
            }
            in += BYTES;
            weights += rows * BYTES;
            TE_ODD(in); /* else rounds are counted in a register that can hold a sum */
        }
        TE_ODD(weights);
    }
    TE_UNROLLED
    for (int32_t i = 0; i < rows; i++)
        low[i] = (int32_t)((uint32_t)low[i] + ((uint32_t)high[i] << 8));
    for (int32_t at = 0; at < tail; at += WORDS) {
        const mve_pred16_t some = vctp16q((uint32_t)(tail - at));
        const int16x8_t x = vldrhq_z_s16(in + at, some);
        TE_UNROLLED
        for (int32_t i = 0; i < rows; i++)
            low[i] = vmladavaq_s16(low[i], x, vldrbq_z_s16(weights + i * tail + at, some));
    }
    TE_UNROLLED
    for (int32_t i = 0; i < rows; i++) {
        TE_NOW(low[i]); /* else sums become lanes of a vector, in and out of which they go in every round */
        sums[i] = low[i];
    }
}

/* te_requantize_upper of every lane. */
static inline int32x4_t te_requantize_upper_x4(int32x4_t value, int32x4_t multiplier, int32x4_t low,
                                               int32x4_t shift, int ties_away) {
    int32x4_t below = vmulhq_s32(value, low);
    if (ties_away)
        below = vaddq_s32(below, vshrq_n_s32(value, 31));
    const uint32x4_t bottom = vreinterpretq_u32_s32(vmulq_s32(value, multiplier));
    const uint32x4_t sum = vaddq_u32(bottom, vreinterpretq_u32_s32(below));
    int32x4_t top = vaddq_s32(vmulhq_s32(value, multiplier), vshrq_n_s32(below, 31));
    top = vaddq_m_n_s32(top, top, 1, vcmphiq_u32(bottom, sum)); /* what is carried */
    return vrshlq_s32(top, vnegq_s32(shift));
}

TE_KERNEL te_fully_connected_s16_short_fn te_fully_connected_s16_helium;

TE_KERNEL void te_fully_connected_s16_helium(const te_fully_connected *restrict p, const int16_t *in,
                                             const int8_t *weights, const int32_t *bias,
                                             const int32_t *multiplier, const int32_t *low,
                                             const int8_t *shift, int16_t *out) {
    enum { ROWS = TE_FULLY_CONNECTED_S16_ROWS };
    const int whole = __builtin_constant_p(p->channels) && p->channels % ROWS == 0;
    const int32x4_t least = vdupq_n_s32(p->out_min), most = vdupq_n_s32(p->out_max);
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights;
        int32_t sums[ROWS] = {0};
        TE_ROLLED
        for (int32_t c = 0; c < p->channels; c += ROWS) {
            const int32_t left = p->channels - c;
            if (left >= ROWS) {
                te_fully_connected_s16_sums(in, w, p->depth, ROWS, sums);
                w += ROWS * p->depth;
            } else {
                TE_ROLLED
                for (int32_t i = 0; i < left; i++) {
                    te_fully_connected_s16_sums(in, w, p->depth, 1, sums + i);
                    w += p->depth;
                }
            }
            const mve_pred16_t lanes = vctp32q((uint32_t)left);
            int32x4_t v = vaddq_s32(vldrwq_s32(sums), te_load_s32(bias + c, whole, lanes));
            v = te_requantize_upper_x4(v, te_load_s32(multiplier + c, whole, lanes),
                                       te_load_s32(low + c, whole, lanes),
                                       te_load_s8_s32(shift + c, whole, lanes), p->once);
            v = vminq_s32(vmaxq_s32(v, least), most);
            if (whole)
                vstrhq_s32(out + c, v);
            else
                vstrhq_p_s32(out + c, v, lanes);
        }
        in += p->depth;
        out += p->channels;
    }
}
