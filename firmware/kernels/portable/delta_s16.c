/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/delta.h"

TE_KERNEL te_delta_s16_fn te_delta_s16_portable;

TE_KERNEL void te_delta_s16_portable(const te_delta *restrict p, const int16_t *in, int16_t *out) {
    const int32_t channels = p->channels;
    const int16_t *middle = in + p->half * channels;
    for (int32_t row = 0; row < p->rows; row++, middle += channels, out += 2 * channels) {
        memcpy(out, middle, (size_t)channels * sizeof *out);
        for (int32_t channel = 0; channel < channels; channel++) {
            const int16_t *x = middle + channel;
            int32_t sum = p->spread / 2; /* at most 2^16 * (127 * 128 / 2) and that */
            for (int32_t k = 1; k <= p->half; k++)
                sum += k * (x[k * channels] - x[-k * channels]);
            const int32_t slope = sum / p->spread - (sum % p->spread < 0);
            out[channels + channel] = (int16_t)te_clamp(slope, INT16_MIN, INT16_MAX);
        }
    }
}
