/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/moving_sum.h"

TE_KERNEL te_moving_sum_s32_fn te_moving_sum_s32_portable;

TE_KERNEL void te_moving_sum_s32_portable(const te_moving_sum *restrict p, const int32_t *in, int32_t *kept,
                                          int32_t *out) {
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t fresh = in[i];
        int32_t sum = fresh;
        for (int32_t row = 0; row < p->kept; row++) {
            int32_t *const place = kept + row * p->count + i;
            sum += *place;
            *place = row + 1 < p->kept ? place[p->count] : fresh;
        }
        out[i] = sum;
    }
}
