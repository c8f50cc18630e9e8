/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/root.h"
#include "kernels/statistics.h"

/* value / count to the nearest, ties up, for count > 0. */
static int32_t te_statistics_ratio(int32_t value, int32_t count) {
    const int32_t shifted = value + count / 2;
    return shifted / count - (shifted % count < 0);
}

TE_KERNEL te_statistics_s16_fn te_statistics_s16_portable;

TE_KERNEL void te_statistics_s16_portable(const te_statistics *p, const int16_t *in, int16_t *out) {
    for (int32_t channel = 0; channel < p->channels; channel++) {
        int64_t squares = 0;
        int32_t sum = 0; /* at most 32767 * 32768 */
        int32_t low = INT16_MAX, high = INT16_MIN, crossings = 0, before = in[channel];
        for (int32_t row = 0; row < p->rows; row++) {
            const int32_t value = in[row * p->channels + channel];
            sum += value;
            squares += value * value;
            low = te_min(low, value);
            high = te_max(high, value);
            crossings += (value < 0) != (before < 0);
            before = value;
        }
        uint64_t second = (uint64_t)(p->rows * squares);
        uint64_t central = second - (uint64_t)te_product(sum, sum);
        const int32_t found[TE_STATISTICS] = {
            [TE_MEAN_OF] = te_statistics_ratio(sum, p->rows),
            [TE_DEVIATION] = te_statistics_ratio((int32_t)te_root(&central), p->rows),
            [TE_RMS] = te_statistics_ratio((int32_t)te_root(&second), p->rows),
            [TE_MINIMUM] = low,
            [TE_MAXIMUM] = high,
            [TE_PEAK_TO_PEAK] = high - low,
            [TE_ZERO_CROSSINGS] = crossings,
        };
        for (int32_t i = 0; i < p->features; i++) {
            *out++ = (int16_t)te_clamp(found[p->feature[i]], INT16_MIN, INT16_MAX);
        }
    }
}
