/* SPDX-License-Identifier: Apache-2.0 */
/* Some of a network's outputs without their zero point. */
#ifndef TE_SCORE_H
#define TE_SCORE_H

#include "kernels/kernel.h"

typedef struct te_score {
    int32_t first, count; /* elements of the input that count */
    int32_t zero_point;
} te_score;

/* out[i] = in[first + i] - zero_point. Order: ascending; `out` must not overlap `in`. */
typedef void te_score_s8_fn(const te_score *p, const int8_t *in, int32_t *out);
typedef void te_score_u8_fn(const te_score *p, const uint8_t *in, int32_t *out);
typedef void te_score_s16_fn(const te_score *p, const int16_t *in, int32_t *out);

#endif
