/* SPDX-License-Identifier: Apache-2.0 */
/* Features of a channel, out of what one pass over it finds. */
#ifndef TE_MOMENTS_H
#define TE_MOMENTS_H

#include "kernels/quotient.h"
#include "kernels/root.h"
#include "kernels/statistics.h"

/* value / count to the nearest, ties up, for count > 0. */
static inline int32_t te_statistics_ratio(int32_t value, int32_t count) {
    const int32_t shifted = value + count / 2;
    return shifted / count - (shifted % count < 0);
}

/* What one pass over a channel finds. */
typedef struct te_moments {
    int64_t squares;
    int32_t sum; /* at most 32767 * 32768 */
    int32_t low, high, crossings;
} te_moments;

/* A ratio of at most 2^16 that counts as it is, or as more than any int16. */
static inline int32_t te_statistics_limited(uint64_t value) {
    return value > INT16_MAX ? INT16_MAX : (int32_t)value;
}

static inline int32_t te_statistics_variance(const te_statistics *p, uint64_t central) {
    const uint64_t steps = (uint64_t)(p->rows * p->rows) << p->variance_bits;
    return te_statistics_limited(te_quotient(central + steps / 2, steps));
}

/* peak / RMS; second is the square of rows * RMS. */
static inline int32_t te_statistics_crest(const te_statistics *p, int32_t peak, uint64_t second) {
    if (peak == 0)
        return 0;
    int32_t bits = 7;
    for (; second < UINT64_C(1) << 60; second *= 4)
        bits++;
    const uint64_t root = te_root(&second);
    return te_statistics_limited(te_quotient(((uint64_t)(peak * p->rows) << bits) + root / 2, root));
}

/* The fourth moment over the square of the second, of rows * values - sum. */
static inline int32_t te_statistics_kurtosis(const te_statistics *p, const int16_t *in, int32_t sum) {
    int32_t used = 0, room = 0;
    for (int32_t row = 0; row < p->rows; row++) {
        const int32_t deviation = in[row * p->channels] * p->rows - sum;
        used |= deviation < 0 ? -deviation : deviation;
    }
    if (used == 0)
        return 0;
    for (; used < 1 << 30; room++)
        used *= 2;
    uint64_t squares = 0, fourths = 0; /* at most 2^37 and 2^59 */
    for (int32_t row = 0; row < p->rows; row++) {
        const int32_t deviation = (in[row * p->channels] * p->rows - sum) * (1 << room);
        const int32_t near = ((deviation >> 15) + 1) >> 1;
        const uint32_t square = ((uint32_t)(near * near) + (1 << 7)) >> 8;
        squares += square;
        fourths += (uint64_t)square * square;
    }
    const uint64_t second = te_quotient(squares << 8, (uint64_t)p->rows);
    const uint64_t fourth = te_quotient(fourths, (uint64_t)p->rows);
    const uint64_t divisor = (second * second) >> 8;
    return te_statistics_limited(te_quotient((fourth << 16) + divisor / 2, divisor));
}

static inline int32_t te_statistics_of(const te_statistics *p, int32_t feature, const te_moments *m,
                                       const int16_t *in) {
    uint64_t second = (uint64_t)(p->rows * m->squares);
    uint64_t central = second - (uint64_t)te_product(m->sum, m->sum);
    switch (feature) {
    case TE_MEAN_OF:
        return te_statistics_ratio(m->sum, p->rows);
    case TE_DEVIATION:
        return te_statistics_ratio((int32_t)te_root(&central), p->rows);
    case TE_RMS:
        return te_statistics_ratio((int32_t)te_root(&second), p->rows);
    case TE_MINIMUM:
        return m->low;
    case TE_MAXIMUM:
        return m->high;
    case TE_PEAK_TO_PEAK:
        return m->high - m->low;
    case TE_ZERO_CROSSINGS:
        return m->crossings;
    case TE_VARIANCE:
        return te_statistics_variance(p, central);
    case TE_KURTOSIS:
        return te_statistics_kurtosis(p, in, m->sum);
    default:
        return te_statistics_crest(p, te_max(m->high, -m->low), second);
    }
}

/* What is asked of a channel. */
static inline void te_statistics_write(const te_statistics *p, const te_moments *m, const int16_t *in,
                                       int16_t *out) {
    for (int32_t i = 0; i < p->features; i++) {
        const int32_t value = te_statistics_of(p, p->feature[i], m, in);
        out[i] = (int16_t)te_clamp(value, INT16_MIN, INT16_MAX);
    }
}

#endif
