/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 16 products of bytes an instruction (planes.h). Batches begin with a vector. */
#include "kernels/pie/fully_connected.h"
#include "kernels/pie/planes.h"
#include "kernels/short.h"

TE_KERNEL te_fully_connected_s16_pie_fn te_fully_connected_s16_pie;

TE_KERNEL void te_fully_connected_s16_pie(const te_fully_connected *restrict p, const int16_t *in,
                                          const int8_t *weights, const int32_t *words,
                                          const int32_t *multiplier, const int32_t *low, const int8_t *shift,
                                          int16_t *out, int8_t *window) {
    const int32_t blocks = (p->depth + TE_PIE_BLOCK - 1) / TE_PIE_BLOCK;
    te_pie s = {0};
    (void)multiplier, (void)low, (void)shift;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights + TE_PIE_VECTOR;
        const int32_t *word = words;
        const int8_t *mask = weights;
        TE_PIE_VLD(&s, 7, mask, 0);
        te_pie_take_planes(&s, (const int8_t *)(in + batch * p->depth), p->depth, blocks, window);
        (void)mask;
        TE_PIE_VLD(&s, 7, w, 16);
        for (int32_t c = 0; c < p->channels; c++) {
            const int32_t right = word[1], upper = word[2], lower = word[3];
            const int32_t sum = te_pie_sum(&s, &word, &w, window, blocks);
            const int32_t scaled = te_requantize_upper(sum, upper, lower, right, p->once);
            *out++ = te_pie_limited_s16(scaled, p->out_min, p->out_max);
        }
    }
}
