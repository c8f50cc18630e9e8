/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/debounce.h"

TE_KERNEL te_debounce_s32_fn te_debounce_s32_portable;

TE_KERNEL void te_debounce_s32_portable(const te_debounce *restrict p, const int32_t *in, int32_t *now,
                                        int32_t *out) {
    const int32_t fresh = in[0];
    now[2] = fresh == now[1] ? te_min(now[2] + 1, p->runs) : 1;
    now[1] = fresh;
    if (now[3] > 0) {
        now[3]--;
    }
    if (now[2] == p->runs && fresh != now[0] && now[3] == 0) {
        now[0] = fresh;
        now[3] = fresh == p->nothing ? 0 : p->hold;
    }
    out[0] = now[0];
}
