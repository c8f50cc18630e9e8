/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 16 elements at a time, less their zero points in two times eight lanes (product.h). */
#include "kernels/pie/product.h"

/* Outputs of the 16 elements at a and b, which with `out` are multiples of 16. */
TE_PIE_INLINE void te_mul_s8_pie_vector(te_pie *s, const te_mul *p, const int8_t *a, const int8_t *b,
                                        const int8_t *vectors, int8_t *out) {
    const int negative = p->out_min < p->out_zero_point;
    const int8_t *first = vectors, *second;
    /* With 128 more, bytes beside zeros are numbers. */
    TE_PIE_VLD(s, 6, first, 16);
    TE_PIE_VLD(s, 0, a, 0);
    TE_PIE_VLD(s, 2, b, 0);
    TE_PIE_XOR(s, 0, 0, 6);
    TE_PIE_XOR(s, 2, 2, 6);
    TE_PIE_ZERO(s, 1);
    TE_PIE_ZERO(s, 3);
    TE_PIE_VLD(s, 6, first, 16);
    TE_PIE_VLD(s, 7, first, 16);
    TE_PIE_ZIP(s, 0, 1);
    TE_PIE_ZIP(s, 2, 3);
    TE_PIE_SUB_S16(s, 0, 0, 6);
    TE_PIE_SUB_S16(s, 1, 1, 6);
    TE_PIE_SUB_S16(s, 2, 2, 7);
    TE_PIE_SUB_S16(s, 3, 3, 7);
    second = first;
    TE_PIE_PRODUCTS(s, 0, 2, first, -p->shift, negative, 1);
    TE_PIE_PRODUCTS(s, 1, 3, second, -p->shift, negative, 1);
    TE_PIE_UNZIP(s, 0, 1);
    TE_PIE_VST(s, 0, out, 0);
    (void)first;
    (void)second;
    (void)s;
}

#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_OUTPUTS te_mul_s8_pie_vector
#include "kernels/pie/mul_body.h"
