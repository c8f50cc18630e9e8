/* SPDX-License-Identifier: Apache-2.0 */
/* kernels/gates.h for eight numbers of 16 bits at once, in lanes of 40 bits of the ESP32-S3's vectors, where
   te_gate_multiply is a product, half of what is shifted out, and a shift.

   What is not positive, x, is -(m + 1) quarters and a rest: e to it is that of the rest less a quarter, times those powers
   whose bits m has. `vectors` are eight times 1, 2^14 and then each number in the order in which it is needed, as
   tinyedge/plan/layout/pie_lstm.py lists them. */
#ifndef TE_PIE_GATES_H
#define TE_PIE_GATES_H

#include "kernels/pie/pie.h"

enum {
    TE_PIE_GATE_FRACTION = 2, /* bits of m behind the point */
    TE_PIE_GATE = 25,         /* vectors, but for two of each bit of m and one more of the sigmoid */
};

/* How long `vectors` are. */
static inline int32_t te_pie_gate_size(int32_t whole, int sigmoid) {
    return (TE_PIE_GATE + 2 * (whole + TE_PIE_GATE_FRACTION) + sigmoid) * TE_PIE_VECTOR;
}

/* Lanes of QACC become products, or more by them: Q7 is loaded again, since each product loads something. */
#define TE_PIE_GATE_ADD(s, x, y) TE_PIE_WIDE_LD(s, 7, one, 0, x, y)
/* They become half of 2^15. */
#define TE_PIE_GATE_HALF(s)                                                                                  \
    do {                                                                                                     \
        TE_PIE_ZERO_QACC(s);                                                                                 \
        TE_PIE_GATE_ADD(s, 6, 7);                                                                            \
    } while (0)

/* `count` vectors become their sigmoids, or hyperbolic tangents; `whole` is that of te_gate_exp. */
TE_PIE_SHARED void te_pie_gates(te_pie *s, int8_t *numbers, int32_t count, const int8_t *vectors,
                                int32_t whole, int sigmoid) {
    const int32_t quarters = 15 - TE_PIE_GATE_FRACTION - whole;
    const int8_t *one = vectors, *begin = vectors + 16;
    TE_PIE_FENCE();
    TE_PIE_VLD(s, 7, one, 0);
    TE_PIE_VLD(s, 6, begin, 16);
    for (int32_t i = 0; i < count; i++) {
        int8_t *at = numbers + i * TE_PIE_VECTOR;
        const int8_t *next = begin;
        /* Q1 becomes m, Q2 the distance of the rest from -1/8. */
        TE_PIE_VLD(s, 0, at, 0);
        TE_PIE_ZERO(s, 1);
        TE_PIE_SUB_S16(s, 1, 1, 0);
        TE_PIE_MIN_S16(s, 0, 0, 1);
        TE_PIE_ZERO_QACC(s);
        TE_PIE_WIDE_LD(s, 1, next, 16, 0, 7);
        TE_PIE_WIDE_SHIFT(s, 2, quarters);
        TE_PIE_SUB_S16(s, 1, 1, 2);
        TE_PIE_VLD(s, 3, next, 16);
        TE_PIE_ZERO_QACC(s);
        TE_PIE_WIDE_LD(s, 3, next, 16, 0, 3);
        TE_PIE_WIDE_LD(s, 0, next, 16, 1, 3);
        TE_PIE_WIDE_SHIFT(s, 2, 0);
        TE_PIE_SUB_S16(s, 2, 2, 0);
        /* Its square, fourth power / 4 and cube in Q3, Q0 and Q5; the other terms in Q0. */
        TE_PIE_GATE_HALF(s);
        TE_PIE_WIDE_LD(s, 5, next, 16, 2, 2);
        TE_PIE_WIDE_SHIFT(s, 3, 15);
        TE_PIE_ZERO_QACC(s);
        TE_PIE_WIDE_LD(s, 4, next, 16, 3, 3);
        TE_PIE_GATE_ADD(s, 6, 5);
        TE_PIE_WIDE_SHIFT(s, 0, 17);
        TE_PIE_GATE_HALF(s);
        TE_PIE_GATE_ADD(s, 3, 2);
        TE_PIE_WIDE_SHIFT(s, 5, 15);
        TE_PIE_ZERO_QACC(s);
        TE_PIE_GATE_ADD(s, 0, 4);
        TE_PIE_WIDE_LD(s, 0, next, 16, 5, 4);
        TE_PIE_GATE_ADD(s, 3, 6);
        TE_PIE_WIDE_LD(s, 4, next, 16, 3, 6);
        TE_PIE_WIDE_LD(s, 5, next, 16, 6, 0);
        TE_PIE_WIDE_SHIFT(s, 0, 16);
        TE_PIE_ZERO_QACC(s);
        TE_PIE_GATE_ADD(s, 4, 2);
        TE_PIE_WIDE_LD(s, 2, next, 16, 4, 0);
        TE_PIE_WIDE_LD(s, 4, next, 16, 6, 7);
        TE_PIE_WIDE_SHIFT(s, 0, 15);
        TE_PIE_SUB_S16(s, 0, 0, 5);
        /* Times a power less than 1, in Q4, where m has its bit, in Q2: elsewhere the larger number stays. */
        TE_PIE_VLD(s, 5, next, 16);
        for (int32_t bit = -TE_PIE_GATE_FRACTION; bit < whole; bit++) {
            TE_PIE_XOR(s, 3, 1, 2);
            TE_PIE_LESS_S16(s, 3, 3, 1);
            TE_PIE_XOR(s, 3, 3, 5);
            TE_PIE_MIN_S16(s, 3, 0, 3);
            TE_PIE_ZERO_QACC(s);
            TE_PIE_WIDE_LD(s, 2, next, 16, 6, 7);
            TE_PIE_WIDE_LD(s, 4, next, 16, 0, 4);
            TE_PIE_WIDE_SHIFT(s, 0, 15);
            TE_PIE_MAX_S16(s, 0, 0, 3);
        }
        /* Half of 1 more in Q0, and 1 by that in Q1, the last time as it is needed. */
        TE_PIE_ZERO_QACC(s);
        TE_PIE_GATE_ADD(s, 0, 7);
        TE_PIE_WIDE_LD(s, 3, next, 16, 6, 2);
        TE_PIE_WIDE_SHIFT(s, 0, 1);
        TE_PIE_GATE_HALF(s);
        TE_PIE_WIDE_LD(s, 4, next, 16, 0, 4);
        TE_PIE_WIDE_SHIFT(s, 1, 15);
        TE_PIE_SUB_S16(s, 1, 1, 3);
        TE_PIE_UNROLLED
        for (int32_t time = 0; time < 3; time++) {
            TE_PIE_GATE_HALF(s);
            TE_PIE_GATE_ADD(s, 0, 1);
            TE_PIE_WIDE_SHIFT(s, 2, 15);
            TE_PIE_SUB_S16(s, 2, 4, 2);
            TE_PIE_ZERO_QACC(s);
            TE_PIE_WIDE_LD(s, 3, next, 16, 6, 7);
            TE_PIE_WIDE_LD(s, 5, next, 16, 1, 2);
            TE_PIE_WIDE_SHIFT(s, 2, 15); /* QACC keeps what it gives. */
            TE_PIE_WIDE_LD(s, 3, next, 16, 2, 3);
            TE_PIE_GATE_ADD(s, 1, 5);
            TE_PIE_GATE_ADD(s, 6, 3);
            TE_PIE_WIDE_SHIFT(s, 1, 0);
        }
        /* -1 in Q3 where x was negative, in Q4 where it was positive, and its sign in Q5. */
        TE_PIE_VLD(s, 0, at, 0);
        TE_PIE_ZERO(s, 2);
        TE_PIE_LESS_S16(s, 3, 0, 2);
        TE_PIE_LESS_S16(s, 4, 2, 0);
        TE_PIE_SUB_S16(s, 5, 3, 4);
        TE_PIE_ZERO_QACC(s);
        if (sigmoid) {
            TE_PIE_WIDE_LD(s, 2, next, 16, 1, 5);
            TE_PIE_GATE_ADD(s, 3, 2);
            TE_PIE_GATE_ADD(s, 4, 6);
            TE_PIE_GATE_ADD(s, 6, 7);
        } else {
            TE_PIE_GATE_ADD(s, 1, 5);
        }
        TE_PIE_WIDE_SHIFT(s, 0, 0);
        TE_PIE_VST(s, 0, at, 0);
        (void)at, (void)next;
    }
    (void)one, (void)begin, (void)quarters;
    (void)s;
}

#undef TE_PIE_GATE_HALF
#undef TE_PIE_GATE_ADD

#endif
