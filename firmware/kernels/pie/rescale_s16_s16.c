/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: eight elements at a time (product.h). */
#include "kernels/pie/product.h"
#include "kernels/pie/rescale.h"

TE_KERNEL te_rescale_s16_s16_pie_fn te_rescale_s16_s16_pie;

TE_KERNEL void te_rescale_s16_s16_pie(const te_rescale *restrict p, const int16_t *in, const int8_t *vectors,
                                      int16_t *out) {
    enum { LANES = 8 };
    const int32_t whole = p->size / LANES * LANES, right = te_max(-p->shift, 0);
    const int negative = right > 0 && p->out_min < p->out_zero_point;
    const int limited = p->out_min != INT16_MIN || p->out_max != INT16_MAX;
    const int8_t *from = (const int8_t *)in;
    int8_t *to = (int8_t *)out;
    te_pie s = {0};
    TE_PIE_FENCE();
    for (int32_t i = 0; i < whole; i += LANES) {
        const int8_t *next = vectors;
        TE_PIE_VLD(&s, 0, from, 16);
        TE_PIE_VLD(&s, 2, next, 16);
        TE_PIE_PRODUCTS(&s, 0, 2, next, right, negative, limited);
        TE_PIE_VST(&s, 0, to, 16);
        (void)next;
    }
    for (int32_t i = whole; i < p->size; i++)
        out[i] = (int16_t)te_rescaled(p, in[i]);
    (void)s;
}
