/* SPDX-License-Identifier: Apache-2.0 */
/* te_rescale of int16: TE_RESCALE is the kernel's name, TE_RESULT the type of an output, TE_LIMIT(value, low, high)
 * brings a value within limits and that type; included once for each. */
#include "kernels/dsp/halves.h"
#include "kernels/rescale.h"
#include "kernels/unrolled.h"

TE_KERNEL void TE_RESCALE(const te_rescale *restrict p, const int16_t *in, TE_RESULT *out) {
    TE_FOURFOLD
    for (int32_t i = 0; i < p->size; i++) {
        const int32_t centred = in[i] - p->in_zero_point;
        const int32_t scaled = te_halves_requantize(centred, p->multiplier, p->shift, p->out_zero_point);
        out[i] = TE_LIMIT(scaled, p->out_min, p->out_max);
    }
}

#undef TE_RESCALE
#undef TE_RESULT
#undef TE_LIMIT
