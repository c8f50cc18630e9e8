/* SPDX-License-Identifier: Apache-2.0 */
/* The same real number at another scale: QUANTIZE from one integer type to another, and the 16-bit RELUs. */
#ifndef TE_RESCALE_H
#define TE_RESCALE_H

#include "kernels/kernel.h"

typedef struct te_rescale {
    int32_t size; /* elements */
    int32_t in_zero_point, out_zero_point, out_min, out_max;
    int32_t multiplier, shift; /* of te_requantize; nothing overflows for any value of the input's type */
} te_rescale;

/* out[i] = (in[i] - in_zero_point) * multiplier / 2^31 * 2^shift + out_zero_point, clamped.

   Order: ascending, an element is read before it is written. `out` may be `in`, or lie below it by as many
   bytes as all elements but one grow. */
typedef void te_rescale_s16_s8_fn(const te_rescale *p, const int16_t *in, int8_t *out);
typedef void te_rescale_s16_s16_fn(const te_rescale *p, const int16_t *in, int16_t *out);
typedef void te_rescale_s16_s32_fn(const te_rescale *p, const int16_t *in, int32_t *out);
typedef void te_rescale_s32_s8_fn(const te_rescale *p, const int32_t *in, int8_t *out);
typedef void te_rescale_s32_s16_fn(const te_rescale *p, const int32_t *in, int16_t *out);

static inline int32_t te_rescaled(const te_rescale *p, int32_t value) {
    const int32_t scaled = te_requantize(value - p->in_zero_point, p->multiplier, p->shift);
    return te_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
}

#endif
