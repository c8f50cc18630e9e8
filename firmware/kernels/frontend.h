/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of TensorFlow Lite Micro's audio front end, each to the bit. */
#ifndef TE_FRONTEND_H
#define TE_FRONTEND_H

#include "kernels/root.h"

/* Bits of a number: 0 of 0, 32 of 2^31. */
static inline int32_t te_frontend_bits(uint32_t value) {
    int32_t bits = 0;
    for (int32_t step = 16; step > 0; step >>= 1) {
        if (value >> step != 0) {
            value >>= step;
            bits += step;
        }
    }
    return bits + (int32_t)value;
}

/* The square root to the nearest, but never beyond 16 bits for a number of 32. */
static inline uint32_t te_frontend_root(uint64_t value) {
    const uint32_t most = value >> 32 == 0 ? UINT16_MAX : UINT32_MAX;
    const uint32_t root = te_root(&value);
    return root + (value > root && root < most);
}

/* How a signal is freed of noise. Shares have `bits` fraction bits. */
typedef struct te_denoise {
    uint32_t smoothing, remaining; /* of what the estimate takes from the signal, and keeps of itself */
    uint32_t least;                /* share of the signal that always remains */
    int32_t bits;
    int32_t finer; /* bits of the estimate below the signal */
} te_denoise;

/* The signal less the noise estimate, which follows it. */
static inline uint32_t te_frontend_denoise(const te_denoise *p, uint32_t signal, int clamping,
                                           uint32_t *noise) {
    const uint32_t fine = signal << p->finer;
    const uint64_t mixed = (uint64_t)fine * p->smoothing + (uint64_t)*noise * p->remaining;
    const uint32_t estimate = (uint32_t)(mixed >> p->bits);
    const uint32_t taken = estimate < fine ? estimate : fine;
    *noise = clamping ? taken : estimate;
    const uint32_t rest = (fine - taken) >> p->finer;
    const uint32_t least = (uint32_t)(((uint64_t)signal * p->least) >> p->bits);
    return rest > least ? rest : least;
}

/* The gain for a noise estimate: two numbers for 0 and 1, then for every power of two a quadratic curve of
   three coefficients and one that is not used, in the ten bits behind the first. gain [125]. */
static inline int32_t te_frontend_gain(uint32_t noise, const int16_t *gain) {
    if (noise <= 2)
        return gain[noise];
    const int32_t bits = te_frontend_bits(noise);
    const int16_t *curve = gain + 4 * bits - 6;
    const int32_t x = (int32_t)((bits < 11 ? noise << (11 - bits) : noise >> (bits - 11)) & 0x3FF);
    const uint32_t slope = (uint32_t)((curve[2] * x) >> 5) + (uint32_t)curve[1] * 32;
    return (int16_t)(((int32_t)(slope * (uint32_t)x + (1 << 14)) >> 15) + curve[0]);
}

/* Signal times gain, shifted to a ratio with 12 fraction bits; soft at its beginning, then linear, it becomes
   one with 6. */
static inline uint32_t te_frontend_amplify(uint32_t signal, int32_t gain, int32_t shift) {
    const uint32_t ratio = (uint32_t)(((uint64_t)signal * (uint32_t)gain) >> shift);
    return ratio < (2u << 12) ? (ratio * ratio) >> 20 : (ratio >> 6) - (1u << 6);
}

/* The natural logarithm of a number times `scale`, to the nearest, 0 below 2, and no more than an int16
   holds. table [129]: 2^16 * (log2(1 + i / 128) - i / 128). */
static inline int16_t te_frontend_log(uint32_t value, const uint16_t *table, uint32_t scale) {
    if (value <= 1)
        return 0;
    const int32_t exponent = te_frontend_bits(value) - 1;
    const uint32_t rest = value - (1u << exponent);
    const int32_t fraction = (int32_t)(exponent < 16 ? rest << (16 - exponent) : rest >> (exponent - 16));
    const int32_t segment = fraction >> 9;
    const int32_t low = table[segment], high = table[segment + 1];
    const int32_t curved = ((high - low) * (fraction - (segment << 9))) >> 16;
    const uint32_t log2 = ((uint32_t)exponent << 16) + (uint32_t)(fraction + low + curved);
    const uint32_t natural = (uint32_t)((UINT64_C(45426) * log2 + (1u << 15)) >> 16); /* ln 2 * 2^16 */
    const uint32_t log = (scale * natural + (1u << 15)) >> 16;
    return (int16_t)(log < INT16_MAX ? log : INT16_MAX);
}

#endif
