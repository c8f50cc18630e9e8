/* SPDX-License-Identifier: Apache-2.0 */
/* Lengths of vectors, whose axes are columns side by side. */
#ifndef TE_MAGNITUDE_H
#define TE_MAGNITUDE_H

#include "kernels/root.h"

typedef struct te_magnitude {
    int32_t vectors;
    int32_t axes; /* 2 to 4 */
} te_magnitude;

/* in [vectors, axes], out [vectors]: the square root of the mean of the squares, to the nearest.
   Order: ascending, a vector is read before it is written: `out` may be `in`, or lie below it. */
typedef void te_magnitude_s16_fn(const te_magnitude *p, const int16_t *in, int16_t *out);

#endif
