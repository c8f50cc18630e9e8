/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 16 elements at a time, in two times eight lanes of 40 bits.

   A factor has more bits than a lane takes: with factor = 256 * upper + lower, a * factor is
   (256 * a) * upper + (a + 128) * lower - 128 * lower, and both 256 * a and a + 128 are bytes of a beside
   zeros. `vectors` are those of 16 bytes: 128 in every byte; for a, upper and lower in every lane, for b the
   same; least and largest output in every byte; then 40 bytes as QACC is loaded, what every lane starts with,
   and 8 of nothing. */
#include "kernels/pie/add_linear.h"
#include "kernels/pie/pie.h"

enum { TE_ADD_LINEAR_S8_PIE_START = 7 * TE_PIE_VECTOR };

/* Lanes begin with the offset, and what the 128 above bring in taken off. */
TE_PIE_INLINE void te_add_linear_s8_pie_start(te_pie *s, const int8_t *vectors) {
    const int8_t *at = vectors + TE_ADD_LINEAR_S8_PIE_START;
    TE_PIE_LD_QACC_LL(s, at, 16);
    TE_PIE_LD_QACC_HL(s, at, 16);
    TE_PIE_LD_QACC_LH(s, at, 4);
    TE_PIE_LD_QACC_HH(s, at, 0);
    (void)at;
    (void)s;
}

/* Outputs of the 16 elements at a and b, which with `out` are multiples of 16. Q7 is the first of vectors. */
TE_PIE_INLINE void te_add_linear_s8_pie_sixteen(te_pie *s, const int8_t *a, const int8_t *b,
                                                const int8_t *vectors, int32_t shift, int8_t *out) {
    const int8_t *next = vectors + TE_PIE_VECTOR;
    te_add_linear_s8_pie_start(s, vectors);
    /* Of a: Q2 and Q0 are 256 times its elements, Q1 and Q3 they and 128; first halves first. */
    TE_PIE_VLD(s, 0, a, 0);
    TE_PIE_XOR(s, 1, 0, 7);
    TE_PIE_ZERO(s, 2);
    TE_PIE_ZERO(s, 3);
    TE_PIE_ZIP(s, 2, 0);
    TE_PIE_ZIP(s, 1, 3);
    TE_PIE_VLD(s, 6, next, 16);
    TE_PIE_WIDE_LD(s, 6, next, 16, 2, 6);
    TE_PIE_WIDE_LD(s, 6, next, 16, 1, 6);
    /* Of b: Q2 and Q1, Q4 and Q5. Q6 is its upper factor already. */
    TE_PIE_VLD(s, 1, b, 0);
    TE_PIE_XOR(s, 4, 1, 7);
    TE_PIE_ZERO(s, 2);
    TE_PIE_ZERO(s, 5);
    TE_PIE_ZIP(s, 2, 1);
    TE_PIE_ZIP(s, 4, 5);
    TE_PIE_WIDE_LD(s, 6, next, -48, 2, 6);
    TE_PIE_WIDE_LD(s, 6, next, 16, 4, 6);
    TE_PIE_WIDE_SHIFT(s, 2, shift);
    /* The second halves: the factors once more, then the limits. */
    te_add_linear_s8_pie_start(s, vectors);
    TE_PIE_WIDE_LD(s, 6, next, 16, 0, 6);
    TE_PIE_WIDE_LD(s, 6, next, 16, 3, 6);
    TE_PIE_WIDE_LD(s, 6, next, 16, 1, 6);
    TE_PIE_WIDE_LD(s, 6, next, 16, 5, 6);
    TE_PIE_WIDE_SHIFT(s, 3, shift);
    TE_PIE_UNZIP(s, 2, 3);
    TE_PIE_MAX(s, 3, 3, 6);
    TE_PIE_VLD(s, 6, next, 0);
    TE_PIE_MIN(s, 3, 3, 6);
    TE_PIE_VST(s, 3, out, 0);
    (void)next;
    (void)shift;
    (void)s;
}

TE_KERNEL te_add_linear_s8_pie_fn te_add_linear_s8_pie;

TE_KERNEL void te_add_linear_s8_pie(const te_add_linear *restrict p, const te_add_linear_pie *restrict laid,
                                    const int8_t *a, const int8_t *b, const int8_t *vectors, int8_t *out) {
    const int32_t count = p->size[3], whole = count / TE_PIE_VECTOR * TE_PIE_VECTOR;
    const int8_t *mask = vectors;
    te_pie s = {0};
    TE_PIE_FENCE();
    TE_PIE_VLD(&s, 7, mask, 0);
    for (int32_t i = 0; i < whole; i += TE_PIE_VECTOR)
        te_add_linear_s8_pie_sixteen(&s, a + i, b + i, vectors, laid->shift, out + i);
    for (int32_t i = whole; i < count; i++) {
        const int32_t sum = a[i] * p->a_factor + b[i] * p->b_factor + p->offset;
        out[i] = (int8_t)te_clamp(sum >> p->shift, p->out_min, p->out_max);
    }
    (void)mask;
}
