/* SPDX-License-Identifier: Apache-2.0 */
/* Magnitudes and levels of complex bins. */
#ifndef TE_SPECTRUM_H
#define TE_SPECTRUM_H

#include "kernels/energy.h"
#include "kernels/logarithm.h"

typedef struct te_spectrum {
    int32_t bins; /* of all spectra */
    te_level level;
} te_spectrum;

/* in [bins, 2], out [bins]: the magnitude to the nearest.
   Order: ascending, an element is read before it is written: `out` may be `in`, or lie below it. */
typedef void te_spectrum_s32_s32_fn(const te_spectrum *p, const int32_t *in, int32_t *out);

/* in [bins, 2], out [bins]: the level of the energy re^2 + im^2. table: of te_log2(). Order: as above. */
typedef void te_spectrum_s32_s16_fn(const te_spectrum *p, const int32_t *in, const uint16_t *table,
                                    int16_t *out);

#endif
