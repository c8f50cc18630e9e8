/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/interpolation.h"

TE_KERNEL te_interpolation_s16_fn te_interpolation_s16_portable;

TE_KERNEL void te_interpolation_s16_portable(const te_interpolation *restrict p, const int16_t *in,
                                             const int16_t *points, int16_t *out) {
    for (int32_t i = 0; i < p->size; i++) {
        const int16_t *point = points + 256 + (in[i] >> 7);
        const int16_t step = (int16_t)(point[1] - point[0]);
        out[i] = (int16_t)(point[0] + ((step * (in[i] & 127) + 64) >> 7));
    }
}
