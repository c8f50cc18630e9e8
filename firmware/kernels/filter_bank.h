/* SPDX-License-Identifier: Apache-2.0 */
/* Weighted sums of the energies of bins: mel filters, bands. */
#ifndef TE_FILTER_BANK_H
#define TE_FILTER_BANK_H

#include "kernels/energy.h"
#include "kernels/logarithm.h"

typedef struct te_filter_bank {
    int32_t spectra, bins, filters;
    te_level level;
} te_filter_bank;

/* in [spectra, bins, 2], out [spectra, filters]: the square root of each filter's energy, to the nearest.
   first and count [filters]: its bins; weights [sum of count], in steps of 2^-16. The energy of a spectrum is
   below 2^62.
   Order: spectrum by spectrum. `out` must not overlap `in`. */
typedef void te_filter_bank_s32_s32_fn(const te_filter_bank *p, const int32_t *in, const uint16_t *first,
                                       const uint16_t *count, const uint16_t *weights, int32_t *out);

/* The same, the level of each filter's energy. table: of te_log2(). */
typedef void te_filter_bank_s32_s16_fn(const te_filter_bank *p, const int32_t *in, const uint16_t *first,
                                       const uint16_t *count, const uint16_t *weights, const uint16_t *table,
                                       int16_t *out);

/* The weighted sum of energies, rounded down once: high and low halves are summed apart. */
static inline uint64_t te_filter_bank_sum(const int32_t *in, int32_t count, const uint16_t *weights) {
    uint64_t high = 0, low = 0;
    for (int32_t i = 0; i < count; i++) {
        const uint64_t energy = te_energy((te_point){in[2 * i], in[2 * i + 1]});
        high += (energy >> 16) * weights[i];
        low += (uint32_t)(uint16_t)energy * (uint32_t)weights[i];
    }
    return high + (low >> 16);
}

#endif
