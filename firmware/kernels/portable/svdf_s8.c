/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dot.h"
#include "kernels/svdf.h"

TE_KERNEL te_svdf_s8_fn te_svdf_s8_portable;

TE_KERNEL void te_svdf_s8_portable(const te_svdf *restrict p, const int8_t *in, const int8_t *features,
                                   const int32_t *feature_bias, const int16_t *time, const int32_t *bias,
                                   void *state, int8_t *out) {
    int16_t *remembered = state;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t unit = 0; unit < p->units; unit++) {
            uint32_t sum = (uint32_t)bias[unit];
            for (int32_t filter = unit * p->rank; filter < (unit + 1) * p->rank; filter++) {
                const int32_t fresh =
                    te_dot_s8(in, features + filter * p->inputs, p->inputs) + feature_bias[filter];
                const int32_t scaled = te_requantize(fresh, p->feature_multiplier, p->feature_shift);
                memmove(remembered, remembered + 1, (size_t)(p->memory - 1) * sizeof *remembered);
                remembered[p->memory - 1] = (int16_t)te_clamp(scaled, INT16_MIN, INT16_MAX);
                for (int32_t t = 0; t < p->memory; t++)
                    sum += (uint32_t)(remembered[t] * time[filter * p->memory + t]);
                remembered += p->memory;
            }
            const int32_t result = te_requantize((int32_t)sum, p->multiplier, p->shift);
            *out++ = (int8_t)te_clamp(result + p->out_zero_point, -128, 127);
        }
        in += p->inputs;
    }
}
