/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/histogram.h"

TE_KERNEL te_histogram_s32_fn te_histogram_s32_portable;

TE_KERNEL void te_histogram_s32_portable(const te_histogram *restrict p, const int32_t *in,
                                         const int32_t *edges, int32_t *counts, int32_t *out) {
    if (counts[p->bins] < p->warm_up) {
        counts[p->bins]++;
    } else {
        for (int32_t i = 0; i < p->count; i++) {
            te_histogram_count(p, in[i], edges, counts);
        }
    }
    memcpy(out, counts, (size_t)p->bins * sizeof *out);
}
