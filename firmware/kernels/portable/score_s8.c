/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/score.h"

TE_KERNEL te_score_s8_fn te_score_s8_portable;

TE_KERNEL void te_score_s8_portable(const te_score *restrict p, const int8_t *in, int32_t *out) {
    for (int32_t i = 0; i < p->count; i++) {
        out[i] = in[p->first + i] - p->zero_point;
    }
}
