/* SPDX-License-Identifier: Apache-2.0 */
/* kernels/gates.h for eight numbers of 16 bits at once: te_gate_multiply is vqrdmulhq_s16. */
#ifndef TE_HELIUM_GATES_H
#define TE_HELIUM_GATES_H

#include "kernels/helium/vector.h"
#include "kernels/unrolled.h"

/* value / 2, ties away from zero. */
static inline int16x8_t te_gates_halve(int16x8_t value) {
    return vrshrq_n_s16(vaddq_s16(value, vshrq_n_s16(value, 15)), 1);
}

static inline int16x8_t te_gates_exp_near_zero(int16x8_t x) {
    const int16_t centre = 28918, third = 10923;
    const int16x8_t from_centre = vaddq_n_s16(x, 1 << 12);
    const int16x8_t square = vqrdmulhq_s16(from_centre, from_centre);
    const int16x8_t cube = vqrdmulhq_s16(square, from_centre);
    const int16x8_t fourth = vrshrq_n_s16(vqrdmulhq_s16(square, square), 2); /* no square is negative */
    const int16x8_t higher = vqrdmulhq_n_s16(vaddq_s16(fourth, cube), third);
    const int16x8_t terms = te_gates_halve(vaddq_s16(higher, square));
    return vqaddq_n_s16(vqrdmulhq_n_s16(vaddq_s16(from_centre, terms), centre), centre);
}

static inline int16x8_t te_gates_exp(int16x8_t x, int32_t whole) {
    static const int16_t powers[7] = {25520, 19875, 12055, 4435, 600, 11, 0};
    const int32_t fraction = 15 - whole;
    const int16_t quarter = (int16_t)(1 << (fraction - 2));
    const int16x8_t rest = vsubq_n_s16(vandq_s16(x, vdupq_n_s16((int16_t)(quarter - 1))), quarter);
    const int16x8_t multiple = vsubq_s16(rest, x);
    int16x8_t result = te_gates_exp_near_zero(vshlq_r_s16(rest, whole));
    TE_UNROLLED
    for (int32_t k = -2; k < 5; k++) {
        if (k < whole) {
            const int16x8_t bit = vandq_s16(multiple, vdupq_n_s16((int16_t)(1 << (fraction + k))));
            const int16x8_t power = vdupq_n_s16(powers[k + 2]);
            result = vqrdmulhq_m_s16(result, result, power, vcmpneq_n_s16(bit, 0));
        }
    }
    if (whole > 5) /* below -32 */
        result = vpselq_s16(vdupq_n_s16(0), result, vcmpltq_n_s16(x, (int16_t)-(1 << (20 - whole))));
    return vpselq_s16(vdupq_n_s16(INT16_MAX), result, vcmpeqq_n_s16(x, 0));
}

static inline int16x8_t te_gates_reciprocal(int16x8_t a) {
    const int16x8_t half = vaddq_n_s16(vshrq_n_s16(a, 1), 1 << 14);
    int16x8_t x = vaddq_n_s16(vqrdmulhq_n_s16(half, -15420), 23130);
    TE_UNROLLED
    for (int32_t i = 0; i < 3; i++) {
        const int16x8_t error = vsubq_s16(vdupq_n_s16(1 << 13), vqrdmulhq_s16(half, x));
        x = vaddq_s16(x, vqshlq_n_s16(vqrdmulhq_s16(x, error), 2));
    }
    return x;
}

/* No number is positive that was. */
static inline int16x8_t te_gates_negative(int16x8_t x) { return vminq_s16(x, vqnegq_s16(x)); }

static inline int16x8_t te_gates_sigmoid(int16x8_t x) {
    const int16x8_t power = te_gates_exp(te_gates_negative(x), 3);
    const int16x8_t positive = vqshlq_n_s16(te_gates_reciprocal(power), 1);
    const int16x8_t other = vsubq_s16(vdupq_n_s16(INT16_MAX), positive);
    const int16x8_t result = vpselq_s16(positive, other, vcmpgtq_n_s16(x, 0));
    return vpselq_s16(vdupq_n_s16(1 << 14), result, vcmpeqq_n_s16(x, 0));
}

static inline int16x8_t te_gates_tanh(int16x8_t x, int32_t whole) {
    const int16x8_t power = te_gates_exp(te_gates_negative(x), whole + 1);
    const int16x8_t above = vsubq_n_s16(te_gates_reciprocal(power), 1 << 13);
    const int16x8_t positive = vqshlq_n_s16(above, 2);
    const int16x8_t result = vpselq_s16(positive, vnegq_s16(positive), vcmpgtq_n_s16(x, 0));
    return vpselq_s16(vdupq_n_s16(0), result, vcmpeqq_n_s16(x, 0));
}

#endif
