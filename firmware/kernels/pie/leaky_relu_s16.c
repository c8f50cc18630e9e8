/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: eight elements at a time (product.h), once with 0 for those below it and once with 0 for
   the others. */
#include "kernels/pie/product.h"
#include "kernels/pie/rescale.h"

TE_KERNEL te_leaky_relu_s16_pie_fn te_leaky_relu_s16_pie;

TE_KERNEL void te_leaky_relu_s16_pie(const te_leaky_relu *restrict p, const int16_t *in,
                                     const int8_t *vectors, int16_t *out) {
    enum { LANES = 8 };
    const int32_t whole = p->size / LANES * LANES;
    const int32_t right = te_max(-p->shift, 0), negative_right = te_max(-p->negative_shift, 0);
    const int8_t *from = (const int8_t *)in;
    int8_t *to = (int8_t *)out;
    te_pie s = {0};
    TE_PIE_FENCE();
    for (int32_t i = 0; i < whole; i += LANES) {
        const int8_t *first = vectors, *second = vectors + TE_PIE_SCALE * TE_PIE_VECTOR;
        TE_PIE_VLD(&s, 0, from, 16);
        TE_PIE_ZERO(&s, 4);
        TE_PIE_VLD(&s, 2, first, 16);
        TE_PIE_VLD(&s, 3, second, 16);
        TE_PIE_MIN_S16(&s, 1, 0, 4);
        TE_PIE_MAX_S16(&s, 0, 0, 4);
        TE_PIE_PRODUCTS(&s, 0, 2, first, right, 0, 0);
        TE_PIE_PRODUCTS(&s, 1, 3, second, negative_right, negative_right > 0, 0);
        TE_PIE_XOR(&s, 0, 0, 1); /* of which one is 0 */
        TE_PIE_VST(&s, 0, to, 16);
        (void)first, (void)second;
    }
    for (int32_t i = whole; i < p->size; i++) {
        const int32_t scaled = in[i] >= 0 ? te_requantize(in[i], p->multiplier, p->shift)
                                          : te_requantize(in[i], p->negative_multiplier, p->negative_shift);
        out[i] = (int16_t)te_clamp(scaled, INT16_MIN, INT16_MAX);
    }
    (void)s;
}
