/* SPDX-License-Identifier: Apache-2.0 */
/* Mean over some dimensions. */
#ifndef TE_MEAN_H
#define TE_MEAN_H

#include "kernels/kernel.h"

typedef struct te_mean {
    int32_t size[5]; /* of the input: kept, summed, kept, summed, kept */
    int32_t start;   /* -(in_zero_point * elements of a mean) */
    int32_t multiplier;
    int16_t shift;
    int16_t out_zero_point, out_min, out_max;
} te_mean;

/* in [size[0], size[1], size[2], size[3], size[4]], out [size[0], size[2], size[4]]; multiplier and shift for
   te_requantize, which divides too.

   Order: out ascending; the inputs of one index of size[0] are read before or while its outputs are written,
   and those of earlier ones are not read again. `out` may therefore start size[2] * size[4] elements below
   `in`. */
typedef void te_mean_s8_fn(const te_mean *p, const int8_t *in, int8_t *out);
typedef void te_mean_s16_fn(const te_mean *p, const int16_t *in, int16_t *out);

/* Means by blocks: each of `rows` rows that begin `step` elements apart in the input, a row of `row` means that lie
   side by side. The elements of a mean: `count` groups that begin `pitch` elements apart, each of `taps` elements
   that lie `row` apart. What there is but one of is left out. */
typedef struct te_mean_groups {
    int32_t blocks, rows, step, row, count, pitch, taps;
} te_mean_groups;

static inline __attribute__((always_inline)) te_mean_groups te_mean_grouped(const te_mean *p) {
    const int32_t one = p->size[3] == 1;
    te_mean_groups groups;
    groups.count = one ? 1 : p->size[1];
    groups.taps = one ? p->size[1] : p->size[3];
    groups.row = one ? p->size[2] * p->size[4] : p->size[4];
    groups.rows = one ? 1 : p->size[2];
    groups.step = groups.taps * groups.row;
    groups.pitch = groups.rows * groups.step;
    groups.blocks = p->size[0];
    if (groups.rows * groups.row == 1) { /* all means lie side by side */
        groups.rows = groups.blocks;
        groups.step = groups.count * groups.pitch;
        groups.blocks = 1;
    }
    return groups;
}

#endif
