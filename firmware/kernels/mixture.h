/* SPDX-License-Identifier: Apache-2.0 */
/* Minus the logarithm of a mixture of Gaussians' density. */
#ifndef TE_MIXTURE_H
#define TE_MIXTURE_H

#include "kernels/kernel.h"
#include "kernels/logarithm.h"

enum { TE_MIXTURE_MOST = 16 }; /* components */

typedef struct te_mixture {
    int32_t features;   /* at most 64 */
    int32_t components; /* 1 to TE_MIXTURE_MOST */
    int32_t shift;
    int32_t limit; /* of a coordinate, either way: at most 2^20 */
    int32_t most;  /* of the score, either way */
} te_mixture;

/* Component c has `features` coordinates, each as those of te_nearest: rows of matrix and offset
   [components, features]. Its energy, in steps of 2^-16, is peaks[c] and half the sum of their squares, each of
   which has steps of 2^-8. out[0], in steps of 2^-8: minus the logarithm of the sum of e^-energy.
   logarithm: of te_log2(). power [129]: 2^31 * 2^(-i / 128).

   All of `in` is read before `out` is written. */
typedef void te_mixture_s8_fn(const te_mixture *p, const int8_t *in, const int32_t *matrix,
                              const int64_t *offset, const int64_t *peaks, const uint16_t *logarithm,
                              const uint32_t *power, int32_t *out);
typedef void te_mixture_s16_fn(const te_mixture *p, const int16_t *in, const int32_t *matrix,
                               const int64_t *offset, const int64_t *peaks, const uint16_t *logarithm,
                               const uint32_t *power, int32_t *out);

/* 2^31 * e^-apart, apart >= 0 in steps of 2^-16; straight lines between the numbers of `power`. */
static inline uint64_t te_mixture_share(int64_t apart, const uint32_t *power) {
    if (apart >= INT64_C(22) << 16) /* less than one step */
        return 0;
    const uint32_t halvings = (uint32_t)((uint64_t)apart * 94548 >> 16); /* 2^16 / ln 2 */
    const uint32_t segment = halvings >> 9 & 127, rest = halvings & 511;
    const uint64_t fall = (uint64_t)(power[segment] - power[segment + 1]) * rest >> 9;
    return (power[segment] - fall) >> (halvings >> 16);
}

static inline int32_t te_mixture_score(const te_mixture *p, const int64_t *energy, const uint16_t *logarithm,
                                       const uint32_t *power) {
    int64_t least = energy[0];
    for (int32_t c = 1; c < p->components; c++) {
        least = energy[c] < least ? energy[c] : least;
    }
    uint64_t sum = 0;
    for (int32_t c = 0; c < p->components; c++) {
        sum += te_mixture_share(energy[c] - least, power);
    }
    const int32_t doublings = te_log2(sum, logarithm) - (31 << 16);
    const int64_t nats = least - (te_product(doublings, 45426) >> 16); /* 2^16 * ln 2 */
    const int64_t score = (nats + (1 << 7)) >> 8;
    return (int32_t)(score < -p->most ? -p->most : score > p->most ? p->most : score);
}

#endif
