/* SPDX-License-Identifier: Apache-2.0 */
/* Where the energy of spectra lies. */
#ifndef TE_SPECTRAL_H
#define TE_SPECTRAL_H

#include "kernels/energy.h"
#include "kernels/quotient.h"

enum te_spectral_feature {
    TE_CENTROID, /* mean of the bins' numbers, weighted with their energies */
    TE_PEAK,     /* the bin of most energy, the first of several */
    TE_SPECTRAL_FEATURES
};

typedef struct te_spectral {
    int32_t spectra, bins;
    int32_t first, last; /* bins that count, at most 2049 */
    int32_t shift;       /* fraction bits of a bin's number in the output, 0 to 14 */
    int32_t features;
    uint8_t feature[TE_SPECTRAL_FEATURES]; /* the first `features` of them count */
} te_spectral;

/* in [spectra, bins, 2], out [spectra, features]: numbers of bins, to the nearest; 0 where all is silent. The
   energy of a spectrum is below 2^62.

   Order: spectrum by spectrum. `out` must not overlap `in`. */
typedef void te_spectral_s32_s16_fn(const te_spectral *p, const int32_t *in, int16_t *out);

#endif
