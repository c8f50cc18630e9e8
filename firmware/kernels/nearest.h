/* SPDX-License-Identifier: Apache-2.0 */
/* The distance of mapped features to the nearest of some centres. */
#ifndef TE_NEAREST_H
#define TE_NEAREST_H

#include "kernels/kernel.h"
#include "kernels/root.h"

typedef struct te_nearest {
    int32_t features, coordinates; /* at most 64 coordinates */
    int32_t centres;               /* at least 1 */
    int32_t shift;
    int32_t limit; /* of a coordinate, either way: at most 2^20 */
} te_nearest;

/* Coordinate k is (sum of matrix[k][i] * in[i], + offset[k]) / 2^shift, rounded down and clamped; the offsets
   hold the half that makes it the nearest, and the sums fit 62 bits. out[0] = the root, rounded down, of the
   least sum of squared differences from a row of centres [centres, coordinates].

   All of `in` is read before `out` is written. */
typedef void te_nearest_s8_fn(const te_nearest *p, const int8_t *in, const int32_t *matrix,
                              const int64_t *offset, const int32_t *centres, int32_t *out);
typedef void te_nearest_s16_fn(const te_nearest *p, const int16_t *in, const int32_t *matrix,
                               const int64_t *offset, const int32_t *centres, int32_t *out);

/* The distance to the nearest centre, of coordinates that stand in `at`. */
static inline int32_t te_nearest_distance(const te_nearest *p, const int32_t *at, const int32_t *centres) {
    uint64_t least = UINT64_MAX;
    for (int32_t c = 0; c < p->centres; c++) {
        uint64_t sum = 0;
        for (int32_t k = 0; k < p->coordinates; k++) {
            const int32_t apart = at[k] - centres[c * p->coordinates + k];
            sum += (uint64_t)te_product(apart, apart);
        }
        least = sum < least ? sum : least;
    }
    return (int32_t)te_root(&least);
}

#endif
