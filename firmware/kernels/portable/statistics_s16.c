/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/moments.h"

static inline te_moments te_statistics_pass(const te_statistics *p, const int16_t *in) {
    te_moments m = {0, 0, INT16_MAX, INT16_MIN, 0};
    int32_t before = *in;
    for (int32_t row = 0; row < p->rows; row++, in += p->channels) {
        const int32_t value = *in;
        m.sum += value;
        m.squares += value * value;
        m.low = te_min(m.low, value);
        m.high = te_max(m.high, value);
        m.crossings += (value < 0) != (before < 0);
        before = value;
    }
    return m;
}

TE_KERNEL te_statistics_s16_fn te_statistics_s16_portable;

TE_KERNEL void te_statistics_s16_portable(const te_statistics *restrict p, const int16_t *in, int16_t *out) {
    for (int32_t channel = 0; channel < p->channels; channel++, in++, out += p->features) {
        const te_moments m = te_statistics_pass(p, in);
        te_statistics_write(p, &m, in, out);
    }
}
