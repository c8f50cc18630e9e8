/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/cumsum.h"

TE_KERNEL te_cumsum_s32_fn te_cumsum_s32_portable;

TE_KERNEL void te_cumsum_s32_portable(const te_cumsum *restrict p, const int32_t *in, int32_t *out) {
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t j = 0; j < p->inner; j++) {
            uint32_t sum = 0;
            for (int32_t k = 0; k < p->count; k++) {
                const int32_t at = te_turn(k, p->count, p->backwards) * p->inner + j;
                const uint32_t with = sum + (uint32_t)in[at];
                out[at] = (int32_t)(p->exclusive ? sum : with);
                sum = with;
            }
        }
        in += p->count * p->inner;
        out += p->count * p->inner;
    }
}
