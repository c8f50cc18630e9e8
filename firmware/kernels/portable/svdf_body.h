/* SPDX-License-Identifier: Apache-2.0 */
/* te_svdf for states of any width: TE_KEPT is their type and that of the weights over time, TE_LEAST and
 * TE_MOST its limits, TE_SVDF the kernel's name, TE_SVDF_DOTS is te_dots_s8 of up to four rows; included once for
 * each. */
#include "kernels/svdf.h"

TE_KERNEL te_svdf_s8_fn TE_SVDF;

TE_KERNEL void TE_SVDF(const te_svdf *restrict p, const int8_t *in, const int8_t *features,
                       const int32_t *feature_bias, const void *time, const int32_t *bias, void *state,
                       int8_t *out) {
    enum { FOUR = 4 };
    const int32_t filters = p->units * p->rank;
    TE_KEPT *remembered = state;
    const TE_KEPT *weights = time;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        int32_t fresh[FOUR];
        for (int32_t unit = 0; unit < p->units; unit++) {
            uint32_t sum = (uint32_t)bias[unit];
            for (int32_t filter = unit * p->rank; filter < (unit + 1) * p->rank; filter++) {
                if (filter % FOUR == 0)
                    TE_SVDF_DOTS(in, features + filter * p->inputs, p->inputs,
                                 filters % FOUR == 0 ? FOUR : te_min(filters - filter, FOUR), p->inputs,
                                 fresh);
                const int32_t scaled = te_requantize(fresh[filter % FOUR] + feature_bias[filter],
                                                     p->feature_multiplier, p->feature_shift);
                const TE_KEPT *const w = weights + filter * p->memory;
                const int32_t last = p->memory - 1;
                for (int32_t t = 0; t < last; t++) {
                    const int32_t kept = remembered[t + 1];
                    remembered[t] = (TE_KEPT)kept;
                    sum += (uint32_t)(kept * w[t]);
                }
                remembered[last] = (TE_KEPT)(te_clamp(scaled, TE_LEAST, TE_MOST) + p->state_zero_point);
                sum += (uint32_t)(remembered[last] * w[last]);
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
#undef TE_SVDF_DOTS
