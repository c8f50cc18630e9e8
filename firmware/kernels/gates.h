/* SPDX-License-Identifier: Apache-2.0 */
/* Sigmoid and hyperbolic tangent of 16-bit fixed point, as TFLite's recurrent layers compute them: a product
   of powers of e, and Newton's division. They are not those of LOGISTIC and TANH. */
#ifndef TE_GATES_H
#define TE_GATES_H

#include "kernels/kernel.h"

static inline int32_t te_gate_saturate(int32_t value) { return te_clamp(value, INT16_MIN, INT16_MAX); }

/* a * b / 2^15, ties up; not both are -2^15. */
static inline int32_t te_gate_multiply(int32_t a, int32_t b) { return (a * b + (1 << 14)) >> 15; }

/* e^x in Q0.15 for x in [-1/4, 0) in Q0.15: four terms of the series around -1/8. */
static inline int32_t te_gate_exp_near_zero(int32_t x) {
    const int32_t centre = 28918, third = 10923; /* e^(-1/8) and 1/3 in Q0.15 */
    const int32_t from_centre = x + (1 << 12);
    const int32_t square = te_gate_multiply(from_centre, from_centre);
    const int32_t cube = te_gate_multiply(square, from_centre);
    /* Neither is negative. */
    const int32_t fourth = (te_gate_multiply(square, square) + 2) >> 2;
    const int32_t terms = (te_gate_multiply(fourth + cube, third) + square + 1) >> 1;
    return te_gate_saturate(centre + te_gate_multiply(centre, from_centre + terms));
}

/* e^x in Q0.15 for x <= 0 with `whole` bits before the point, 3 to 7 of 15. */
static inline int32_t te_gate_exp(int32_t x, int32_t whole) {
    /* e^(-2^k) in Q0.15 for k from -2 to 4 */
    static const int16_t powers[7] = {25520, 19875, 12055, 4435, 600, 11, 0};
    const int32_t fraction = 15 - whole;
    const int32_t quarter = 1 << (fraction - 2);
    const int32_t rest = (x & (quarter - 1)) - quarter;
    const int32_t multiple = rest - x;
    if (x == 0)
        return INT16_MAX;
    if (whole > 5 && x < -(1 << (20 - whole))) /* below -32 */
        return 0;
    int32_t result = te_gate_exp_near_zero(rest * (1 << whole));
    for (int32_t k = -2; k < te_min(whole, 5); k++)
        if (multiple & (1 << (fraction + k)))
            result = te_gate_multiply(result, powers[k + 2]);
    return result;
}

/* 2 / (1 + a) in Q2.13 for a in [0, 1) in Q0.15. */
static inline int32_t te_gate_reciprocal(int32_t a) {
    const int32_t half = (a + INT16_MAX + 1) >> 1;
    int32_t x = 23130 + te_gate_multiply(half, -15420); /* 48/17 and -32/17 in Q2.13 */
    for (int32_t i = 0; i < 3; i++) {
        const int32_t error = (1 << 13) - te_gate_multiply(half, x);
        x += te_gate_multiply(x, error) * 4;
    }
    return x;
}

/* 1 / (1 + e^-x) in Q0.15 for x in Q3.12. */
static inline int32_t te_gate_sigmoid(int32_t x) {
    if (x == 0)
        return 1 << 14;
    const int32_t positive = te_gate_saturate(te_gate_reciprocal(te_gate_exp(x > 0 ? -x : x, 3)) * 2);
    return x > 0 ? positive : INT16_MAX - positive;
}

/* tanh x in Q0.15 for x with `whole` bits before the point, 2 to 6 of 15. */
static inline int32_t te_gate_tanh(int32_t x, int32_t whole) {
    if (x == 0)
        return 0;
    const int32_t power = te_gate_exp(x > 0 ? -x : x, whole + 1);
    const int32_t positive = te_gate_saturate((te_gate_reciprocal(power) - (1 << 13)) * 4);
    return x > 0 ? positive : -positive;
}

#endif
