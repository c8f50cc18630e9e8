/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic on integers that stand for themselves: counts, indices, bits. */
#ifndef TE_INTEGER_H
#define TE_INTEGER_H

#include "kernels/kernel.h"

typedef struct te_integer {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int32_t out_min, out_max;
} te_integer;

/* a, b and out are of the type that the kernel is called after. What does not fit 32 bits wraps around.
   LiteRT stops at a division by 0, and at a negative exponent: here the divisor is 1 then, and the power 1.

   Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_integer_fn(const te_integer *p, const void *a, const void *b, void *out);

static inline int32_t te_integer_add(const te_integer *p, int32_t u, int32_t v) {
    return te_clamp((int32_t)((uint32_t)u + (uint32_t)v), p->out_min, p->out_max);
}

static inline int32_t te_integer_sub(const te_integer *p, int32_t u, int32_t v) {
    return te_clamp((int32_t)((uint32_t)u - (uint32_t)v), p->out_min, p->out_max);
}

static inline int32_t te_integer_mul(const te_integer *p, int32_t u, int32_t v) {
    return te_clamp((int32_t)((uint32_t)u * (uint32_t)v), p->out_min, p->out_max);
}

/* Towards zero. */
static inline int32_t te_integer_quotient(int32_t u, int32_t v) {
    if (v == -1)
        return (int32_t)(0 - (uint32_t)u);
    return v == 0 ? u : u / v;
}

static inline int32_t te_integer_div(const te_integer *p, int32_t u, int32_t v) {
    return te_clamp(te_integer_quotient(u, v), p->out_min, p->out_max);
}

static inline int32_t te_integer_rest(int32_t u, int32_t v) { return v == 0 || v == -1 ? 0 : u % v; }

/* Towards the lower number. */
static inline int32_t te_integer_floor_div(const te_integer *p, int32_t u, int32_t v) {
    (void)p;
    return te_integer_quotient(u, v) - (te_integer_rest(u, v) != 0 && (u < 0) != (v < 0));
}

/* Of the divisor's sign. */
static inline int32_t te_integer_floor_mod(const te_integer *p, int32_t u, int32_t v) {
    (void)p;
    const int32_t rest = te_integer_rest(u, v);
    return rest != 0 && (rest < 0) != (v < 0) ? rest + v : rest;
}

static inline int32_t te_integer_squared_difference(const te_integer *p, int32_t u, int32_t v) {
    (void)p;
    const uint32_t difference = (uint32_t)u - (uint32_t)v;
    return (int32_t)(difference * difference);
}

static inline int32_t te_integer_pow(const te_integer *p, int32_t u, int32_t v) {
    (void)p;
    uint32_t result = 1, square = (uint32_t)u;
    for (; v > 0; v /= 2) {
        if (v & 1)
            result *= square;
        square *= square;
    }
    return (int32_t)result;
}

static inline int32_t te_integer_bitwise_xor(const te_integer *p, int32_t u, int32_t v) {
    (void)p;
    return u ^ v;
}

/* By 0 to 31 bits; numbers of fewer bits than 32 are all sign beyond their own. */
static inline int32_t te_integer_right_shift(const te_integer *p, int32_t u, int32_t v) {
    (void)p;
    return u >> te_clamp(v, 0, 31);
}

#endif
