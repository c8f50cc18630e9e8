/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/magnitude.h"

TE_KERNEL te_magnitude_s16_fn te_magnitude_s16_portable;

TE_KERNEL void te_magnitude_s16_portable(const te_magnitude *restrict p, const int16_t *in, int16_t *out) {
    const uint32_t axes = (uint32_t)p->axes;
    for (int32_t vector = 0; vector < p->vectors; vector++) {
        uint32_t sum = 0; /* at most 4 * 2^30 - 1: of four -2^15 one unit is dropped, which no root sees */
        for (int32_t axis = 0; axis < p->axes; axis++, in++) {
            const uint32_t square = (uint32_t)(*in * *in);
            sum = sum > UINT32_MAX - square ? UINT32_MAX : sum + square;
        }
        /* Four times the mean, whose root has one bit more than the result. */
        uint64_t mean = (uint64_t)(sum / axes) * 4 + sum % axes * 4 / axes;
        const uint32_t root = (te_root(&mean) + 1) >> 1;
        out[vector] = (int16_t)(root > INT16_MAX ? INT16_MAX : root);
    }
}
