/* SPDX-License-Identifier: Apache-2.0 */
/* Features of every channel of a window. */
#ifndef TE_STATISTICS_H
#define TE_STATISTICS_H

#include "kernels/kernel.h"

enum te_statistic {
    TE_MEAN_OF,
    TE_DEVIATION, /* of the population */
    TE_RMS,
    TE_MINIMUM,
    TE_MAXIMUM,
    TE_PEAK_TO_PEAK,
    TE_ZERO_CROSSINGS, /* rows with another sign than the one before; 0 is positive */
    TE_VARIANCE,       /* of the population, in steps of 2^variance_bits */
    TE_KURTOSIS,       /* fourth central moment over the square of the second, in steps of 2^-8 */
    TE_CREST_FACTOR,   /* largest magnitude over RMS, in steps of 2^-7 */
    TE_STATISTICS
};

typedef struct te_statistics {
    int32_t rows, channels; /* at most 32767 rows */
    int32_t features;
    uint8_t feature[TE_STATISTICS]; /* the first `features` of them count */
    int32_t variance_bits;          /* 0 to 15 */
} te_statistics;

/* in [rows, channels], out [channels, features]: rounded to nearest, saturating at the limits of int16. Roots
   are rounded down before they are divided by the number of rows; of the kurtosis, deviations are rounded to
   15 bits. Kurtosis and crest factor of a constant, or of zeros, are 0.

   Order: channel by channel; every input is read for each. `out` must not overlap `in`. */
typedef void te_statistics_s16_fn(const te_statistics *p, const int16_t *in, int16_t *out);

#endif
