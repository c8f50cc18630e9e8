/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/spectral.h"

static inline uint64_t te_spectral_energy(const int32_t *in, int32_t bin) {
    return te_energy((te_point){in[2 * bin], in[2 * bin + 1]});
}

/* The mean number of a bin, where `total` is all energy: what is less than 2^-46 of that does not count. */
static inline int32_t te_spectral_centroid(const te_spectral *p, const int32_t *in, uint64_t total) {
    int32_t drop = 0;
    for (; total >> drop >= UINT64_C(1) << 46; drop++) {
    }
    uint64_t sum = 0, weighted = 0; /* below 2^46, and times a bin in the output 2^61 */
    for (int32_t bin = p->first; bin <= p->last; bin++) {
        const uint64_t energy = te_spectral_energy(in, bin) >> drop;
        sum += energy;
        weighted += energy * (uint32_t)bin;
    }
    return sum == 0 ? 0 : (int32_t)te_quotient((weighted << p->shift) + sum / 2, sum);
}

TE_KERNEL te_spectral_s32_s16_fn te_spectral_s32_s16_portable;

TE_KERNEL void te_spectral_s32_s16_portable(const te_spectral *restrict p, const int32_t *in, int16_t *out) {
    for (int32_t spectrum = 0; spectrum < p->spectra; spectrum++, in += 2 * p->bins) {
        uint64_t total = 0, largest = 0;
        int32_t peak = 0;
        for (int32_t bin = p->first; bin <= p->last; bin++) {
            const uint64_t energy = te_spectral_energy(in, bin);
            total += energy;
            if (energy > largest) {
                largest = energy;
                peak = bin;
            }
        }
        const int32_t found[TE_SPECTRAL_FEATURES] = {
            [TE_CENTROID] = te_spectral_centroid(p, in, total),
            [TE_PEAK] = peak << p->shift,
        };
        for (int32_t i = 0; i < p->features; i++)
            *out++ = (int16_t)te_min(found[p->feature[i]], INT16_MAX);
    }
}
