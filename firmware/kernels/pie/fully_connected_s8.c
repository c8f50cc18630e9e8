/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 16 products an instruction (dot.h). Batches begin with a vector. */
#include "kernels/pie/dot.h"
#include "kernels/pie/fully_connected.h"

TE_KERNEL te_fully_connected_s8_pie_fn te_fully_connected_s8_pie;

TE_KERNEL void te_fully_connected_s8_pie(const te_fully_connected *restrict p,
                                         const te_fully_connected_pie *restrict laid, const int8_t *in,
                                         const int8_t *weights, const int32_t *words,
                                         const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const int32_t vectors = (p->depth + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR;
    const te_pie_channels layer = {
        .weights = weights,
        .words = words,
        .count = p->channels,
        .scaling = {laid->left, p->once, !p->once && p->out_min < p->out_zero_point, p->out_zero_point,
                    p->out_min, p->out_max},
    };
    te_pie s = {0};
    (void)multiplier, (void)shift;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *from = in + batch * p->depth;
        te_pie_hold(&s, from, vectors);
        te_pie_outputs(&s, &layer, from, vectors, 0, out + batch * p->channels);
    }
}
