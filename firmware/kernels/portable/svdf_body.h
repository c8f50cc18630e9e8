/* SPDX-License-Identifier: Apache-2.0 */
/* te_svdf for states of any width: TE_KEPT is their type and that of the weights over time, TE_LEAST and
 * TE_MOST its limits, TE_SVDF the kernel's name, TE_SVDF_DOT the product of two vectors of bytes; included once
 * for each. */
#include "kernels/svdf.h"

TE_KERNEL te_svdf_s8_fn TE_SVDF;

TE_KERNEL void TE_SVDF(const te_svdf *restrict p, const int8_t *in, const int8_t *features,
                       const int32_t *feature_bias, const void *time, const int32_t *bias, void *state,
                       int8_t *out) {
    TE_KEPT *remembered = state;
    const TE_KEPT *weights = time;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t unit = 0; unit < p->units; unit++) {
            uint32_t sum = (uint32_t)bias[unit];
            for (int32_t filter = unit * p->rank; filter < (unit + 1) * p->rank; filter++) {
                const int32_t fresh =
                    TE_SVDF_DOT(in, features + filter * p->inputs, p->inputs) + feature_bias[filter];
                const int32_t scaled = te_requantize(fresh, p->feature_multiplier, p->feature_shift);
                memmove(remembered, remembered + 1, (size_t)(p->memory - 1) * sizeof *remembered);
                remembered[p->memory - 1] =
                    (TE_KEPT)(te_clamp(scaled, TE_LEAST, TE_MOST) + p->state_zero_point);
                for (int32_t t = 0; t < p->memory; t++)
                    sum += (uint32_t)(remembered[t] * weights[filter * p->memory + t]);
                remembered += p->memory;
            }
            const int32_t result = te_requantize((int32_t)sum, p->multiplier, p->shift);
            *out++ = (int8_t)te_clamp(result + p->out_zero_point, -128, 127);
        }
        in += p->inputs;
    }
}

#undef TE_KEPT
#undef TE_LEAST
#undef TE_MOST
#undef TE_SVDF
#undef TE_SVDF_DOT
