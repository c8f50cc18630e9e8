/* SPDX-License-Identifier: Apache-2.0 */
/* What dense kernels share: sums of products of four rows at a time, so that one load of inputs serves four.

   Weights lie in the order of use (tinyedge/plan/layout/helium_dense.py): for every four channels, 16 weights
   of each of their rows, the next 16 of each, then what is left of each; channels beyond a multiple of four
   follow as plain rows. */
#ifndef TE_HELIUM_DENSE_H
#define TE_HELIUM_DENSE_H

#include <arm_mve.h>

#include "kernels/helium/fully_connected.h"

/* The sums of `rows` channels: 4, or 1 in every lane. */
static inline int32x4_t te_dense_sums(const int8_t *in, const int8_t *weights, const int32_t *bias,
                                      int32_t depth, int32_t rows) {
    const int32_t tail = depth % TE_FULLY_CONNECTED_HELIUM_LANES;
    int32_t a = bias[0], b = 0, c = 0, d = 0;
    if (rows > 1) {
        b = bias[1];
        c = bias[2];
        d = bias[3];
    }
    for (int32_t i = depth / TE_FULLY_CONNECTED_HELIUM_LANES; i > 0; i--) {
        const int8x16_t x = vldrbq_s8(in);
        a = vmladavaq_s8(a, x, vldrbq_s8(weights));
        if (rows > 1) {
            b = vmladavaq_s8(b, x, vldrbq_s8(weights + 16));
            c = vmladavaq_s8(c, x, vldrbq_s8(weights + 32));
            d = vmladavaq_s8(d, x, vldrbq_s8(weights + 48));
        }
        in += TE_FULLY_CONNECTED_HELIUM_LANES;
        weights += rows * TE_FULLY_CONNECTED_HELIUM_LANES;
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

/* The sums of up to four rows, of which fewer are left behind the last four: these lie as plain rows. */
static inline int32x4_t te_rows(const int8_t *in, const int8_t *weights, const int32_t *bias, int32_t depth,
                                int32_t count) {
    if (count == TE_FULLY_CONNECTED_HELIUM_ROWS)
        return te_dense_sums(in, weights, bias, depth, TE_FULLY_CONNECTED_HELIUM_ROWS);
    int32_t sums[TE_FULLY_CONNECTED_HELIUM_ROWS] = {0};
    for (int32_t i = 0; i < count; i++)
        sums[i] = vgetq_lane_s32(te_dense_sums(in, weights + i * depth, bias + i, depth, 1), 0);
    return vldrwq_s32(sums);
}

#endif
