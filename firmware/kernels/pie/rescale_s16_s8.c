/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: two times eight elements at a time (product.h). */
#include "kernels/pie/product.h"
#include "kernels/pie/rescale.h"

TE_KERNEL te_rescale_s16_s8_pie_fn te_rescale_s16_s8_pie;

TE_KERNEL void te_rescale_s16_s8_pie(const te_rescale *restrict p, const int16_t *in, const int8_t *vectors,
                                     int8_t *out) {
    const int32_t whole = p->size / TE_PIE_VECTOR * TE_PIE_VECTOR, right = te_max(-p->shift, 0);
    const int negative = right > 0 && p->out_min < p->out_zero_point;
    const int8_t *from = (const int8_t *)in;
    int8_t *to = out;
    te_pie s = {0};
    TE_PIE_FENCE();
    for (int32_t i = 0; i < whole; i += TE_PIE_VECTOR) {
        const int8_t *first = vectors, *second = vectors;
        TE_PIE_VLD(&s, 0, from, 16);
        TE_PIE_VLD(&s, 1, from, 16);
        TE_PIE_VLD(&s, 2, first, 16);
        TE_PIE_VLD(&s, 3, second, 16);
        TE_PIE_PRODUCTS(&s, 0, 2, first, right, negative, 1);
        TE_PIE_PRODUCTS(&s, 1, 3, second, right, negative, 1);
        TE_PIE_UNZIP(&s, 0, 1);
        TE_PIE_VST(&s, 0, to, 16);
        (void)first, (void)second;
    }
    for (int32_t i = whole; i < p->size; i++)
        out[i] = (int8_t)te_rescaled(p, in[i]);
    (void)s;
}
