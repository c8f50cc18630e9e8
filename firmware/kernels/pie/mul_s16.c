/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: eight elements at a time (product.h); zero points are 0. */
#include "kernels/pie/product.h"

/* Outputs of the 8 elements at a and b, which with `out` are multiples of 16. */
TE_PIE_INLINE void te_mul_s16_pie_vector(te_pie *s, const te_mul *p, const int8_t *a, const int8_t *b,
                                         const int8_t *vectors, int8_t *out) {
    const int limited = p->out_min != INT16_MIN || p->out_max != INT16_MAX;
    const int8_t *next = vectors;
    TE_PIE_VLD(s, 0, a, 0);
    TE_PIE_VLD(s, 2, b, 0);
    TE_PIE_PRODUCTS(s, 0, 2, next, -p->shift, p->out_min < 0, limited);
    TE_PIE_VST(s, 0, out, 0);
    (void)next;
    (void)s;
}

#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_OUTPUTS te_mul_s16_pie_vector
#include "kernels/pie/mul_body.h"
