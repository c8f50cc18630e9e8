/* SPDX-License-Identifier: Apache-2.0 */
/* te_rescale of int16, eight at a time: TE_RESCALE is the kernel's name, TE_RESULT the type of an output and
 * TE_TYPED(name) name_s8 or name_s16 after it; included once for each. */
#include "kernels/helium/eight.h"
#include "kernels/rescale.h"

TE_KERNEL void TE_RESCALE(const te_rescale *restrict p, const int16_t *in, TE_RESULT *out) {
    TE_ROLLED
    for (int32_t left = p->size; left > 0; left -= 8, in += 8, out += 8) {
        const mve_pred16_t lanes = vctp16q((uint32_t)left);
        te_eight v = te_eight_widen(te_eight_load_s16(in, lanes));
        if (p->in_zero_point != 0) {
            v.even = vsubq_n_s32(v.even, p->in_zero_point);
            v.odd = vsubq_n_s32(v.odd, p->in_zero_point);
        }
        int16x8_t result = te_eight_narrow(te_eight_requantize(v, p->multiplier, p->shift));
        if (p->out_zero_point != 0)
            result = vqaddq_n_s16(result, (int16_t)p->out_zero_point);
        TE_TYPED(te_eight_store)(out, TE_TYPED(te_eight_clamp)(result, p->out_min, p->out_max), lanes);
    }
}

#undef TE_RESCALE
#undef TE_RESULT
#undef TE_TYPED
