/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/histogram.h"

TE_KERNEL te_histogram_s32_fn te_histogram_largest_s32_portable;

TE_KERNEL void te_histogram_largest_s32_portable(const te_histogram *restrict p, const int32_t *in,
                                                 const int32_t *edges, int32_t *counts, int32_t *out) {
    int32_t largest = in[0];
    for (int32_t i = 1; i < p->count; i++) {
        largest = te_max(largest, in[i]);
    }
    if (counts[p->bins] < p->warm_up) {
        counts[p->bins]++;
    } else {
        te_histogram_count(p, largest, edges, counts);
    }
    memcpy(out, counts, (size_t)p->bins * sizeof *out);
}
