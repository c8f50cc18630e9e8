/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/threshold.h"

TE_KERNEL te_threshold_s32_fn te_threshold_s32_portable;

TE_KERNEL void te_threshold_s32_portable(const te_threshold *restrict p, const int32_t *in, int32_t *now,
                                         int32_t *out) {
    const int32_t score = in[0];
    if (now[1] < p->warm_up) {
        now[1]++;
    } else {
        now[0] = score > (now[0] != 0 ? p->off : p->on);
    }
    out[0] = now[0];
}
