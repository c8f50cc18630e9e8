/* SPDX-License-Identifier: Apache-2.0 */
/* Four elements at a time. */
#include "kernels/add_linear.h"

#include <arm_mve.h>

TE_KERNEL te_add_linear_s8_fn te_add_linear_s8_helium;

TE_KERNEL void te_add_linear_s8_helium(const te_add_linear *p, const int8_t *a, const int8_t *b,
                                       int8_t *out) {
    const int32x4_t factor = vdupq_n_s32(p->a_factor);
    const int32x4_t low = vdupq_n_s32(p->out_min), high = vdupq_n_s32(p->out_max);
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int8_t *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int8_t *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                TE_ROLLED
                for (int32_t left = p->size[3]; left > 0; left -= 4) {
                    const mve_pred16_t lanes = vctp32q((uint32_t)left);
                    int32x4_t v = p->a_step[3] ? vldrbq_z_s32(x, lanes) : vdupq_n_s32(*x);
                    const int32x4_t w = p->b_step[3] ? vldrbq_z_s32(y, lanes) : vdupq_n_s32(*y);
                    v = vmlasq_n_s32(v, factor, p->offset);
                    v = vmlaq_n_s32(v, w, p->b_factor);
                    v = vshlq_r_s32(v, -p->shift);
                    vstrbq_p_s32(out, vminq_s32(vmaxq_s32(v, low), high), lanes);
                    x += 4 * p->a_step[3];
                    y += 4 * p->b_step[3];
                    out += te_min(left, 4);
                }
            }
        }
    }
}
