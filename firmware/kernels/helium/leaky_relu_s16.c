/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements at a time. */
#include "kernels/helium/eight.h"
#include "kernels/leaky_relu.h"

TE_KERNEL te_leaky_relu_s16_fn te_leaky_relu_s16_helium;

TE_KERNEL void te_leaky_relu_s16_helium(const te_leaky_relu *restrict p, const int16_t *in, int16_t *out) {
    TE_ROLLED
    for (int32_t left = p->size; left > 0; left -= 8, in += 8, out += 8) {
        const mve_pred16_t lanes = vctp16q((uint32_t)left);
        const int16x8_t v = te_eight_load_s16(in, lanes);
        const te_eight wide = te_eight_widen(v);
        const int16x8_t plain = te_eight_narrow(te_eight_requantize(wide, p->multiplier, p->shift));
        const int16x8_t sloped =
            te_eight_narrow(te_eight_requantize(wide, p->negative_multiplier, p->negative_shift));
        te_eight_store_s16(out, vpselq_s16(plain, sloped, vcmpgeq_n_s16(v, 0)), lanes);
    }
}
