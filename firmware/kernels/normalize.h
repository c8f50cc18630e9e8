/* SPDX-License-Identifier: Apache-2.0 */
/* An affine map of every channel of a stream. */
#ifndef TE_NORMALIZE_H
#define TE_NORMALIZE_H

#include "kernels/kernel.h"

typedef struct te_normalize {
    int32_t rows, channels;
    int32_t shift;            /* 0 to 46 */
    int32_t out_min, out_max; /* limits of the output's type */
} te_normalize;

/* out[row][c] = (in[row][c] * multiplier[c] + offset[c]) / 2^shift, rounded down and clamped; the offsets
   hold the half that makes it the nearest.

   Order: ascending, an element is read before it is written: `out` may be `in`, or lie below it. */
typedef void te_normalize_s16_s8_fn(const te_normalize *p, const int16_t *in, const int32_t *multiplier,
                                    const int64_t *offset, int8_t *out);
typedef void te_normalize_s16_s16_fn(const te_normalize *p, const int16_t *in, const int32_t *multiplier,
                                     const int64_t *offset, int16_t *out);
typedef void te_normalize_s32_s8_fn(const te_normalize *p, const int32_t *in, const int32_t *multiplier,
                                    const int64_t *offset, int8_t *out);
typedef void te_normalize_s32_s16_fn(const te_normalize *p, const int32_t *in, const int32_t *multiplier,
                                     const int64_t *offset, int16_t *out);

static inline int32_t te_normalized(const te_normalize *p, int32_t value, int32_t multiplier,
                                    int64_t offset) {
    const int64_t mapped = (te_product(value, multiplier) + offset) >> p->shift;
    return mapped < p->out_min ? p->out_min : mapped > p->out_max ? p->out_max : (int32_t)mapped;
}

#endif
