/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/choice.h"

TE_KERNEL te_choice_s32_fn te_choice_s32_portable;

TE_KERNEL void te_choice_s32_portable(const te_choice *restrict p, const int32_t *in, int32_t *out) {
    int32_t best = 0;
    for (int32_t i = 1; i < p->count; i++) {
        if (in[i] > in[best]) {
            best = i;
        }
    }
    out[0] = p->least == INT32_MIN || in[best] > p->least ? best : -1;
}
