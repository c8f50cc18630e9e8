/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/majority.h"

/* How many of the last decisions are `value`. */
static inline int32_t te_majority_count(const te_majority *p, int32_t fresh, const int32_t *kept,
                                        int32_t value) {
    int32_t count = fresh == value;
    for (int32_t i = 0; i < p->kept; i++) {
        count += kept[i] == value;
    }
    return count;
}

TE_KERNEL te_majority_s32_fn te_majority_s32_portable;

TE_KERNEL void te_majority_s32_portable(const te_majority *restrict p, const int32_t *in, int32_t *kept,
                                        int32_t *out) {
    const int32_t fresh = in[0];
    int32_t best = fresh, most = te_majority_count(p, fresh, kept, fresh);
    for (int32_t i = p->kept - 1; i >= 0; i--) {
        const int32_t count = te_majority_count(p, fresh, kept, kept[i]);
        if (count > most) {
            best = kept[i];
            most = count;
        }
    }
    for (int32_t i = 0; i + 1 < p->kept; i++) {
        kept[i] = kept[i + 1];
    }
    kept[p->kept - 1] = fresh;
    out[0] = best;
}
