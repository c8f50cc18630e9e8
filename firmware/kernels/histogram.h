/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of how often values lie between edges. */
#ifndef TE_HISTOGRAM_H
#define TE_HISTOGRAM_H

#include "kernels/kernel.h"

typedef struct te_histogram {
    int32_t count; /* values of a run */
    int32_t bins;
    int32_t warm_up; /* runs whose values do not count */
    int32_t full;    /* a counter that is larger has all of them halved */
} te_histogram;

/* A value lies in bin i where i of edges [bins - 1], which rise, are below it. counts [bins + 1]: one for
   each bin, and how many runs of the warm-up have been. out [bins] is a copy of the counters. Of a run
   te_histogram_largest_s32 counts the largest value alone. */
typedef void te_histogram_s8_fn(const te_histogram *p, const int8_t *in, const int32_t *edges,
                                int32_t *counts, int32_t *out);
typedef void te_histogram_s16_fn(const te_histogram *p, const int16_t *in, const int32_t *edges,
                                 int32_t *counts, int32_t *out);
typedef void te_histogram_s32_fn(const te_histogram *p, const int32_t *in, const int32_t *edges,
                                 int32_t *counts, int32_t *out);

static inline void te_histogram_count(const te_histogram *p, int32_t value, const int32_t *edges,
                                      int32_t *counts) {
    int32_t bin = 0;
    while (bin + 1 < p->bins && value > edges[bin]) {
        bin++;
    }
    counts[bin]++;
    if (counts[bin] > p->full) {
        for (int32_t i = 0; i < p->bins; i++) {
            counts[i] /= 2;
        }
    }
}

#endif
