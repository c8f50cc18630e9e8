/* SPDX-License-Identifier: Apache-2.0 */
/* Four elements at a time. */
#include "kernels/add_linear.h"

#include <arm_mve.h>

/* Elements of `x` and `y` that `lanes` says there are. */
static inline int32x4_t te_add_linear_s8_four(const te_add_linear *p, const int8_t *x, const int8_t *y,
                                              mve_pred16_t lanes) {
    int32x4_t v = p->a_step[3] ? vldrbq_z_s32(x, lanes) : vdupq_n_s32(*x);
    const int32x4_t w = p->b_step[3] ? vldrbq_z_s32(y, lanes) : vdupq_n_s32(*y);
    v = vmlasq_n_s32(v, vdupq_n_s32(p->a_factor), p->offset);
    v = vshlq_r_s32(vmlaq_n_s32(v, w, p->b_factor), -p->shift);
    return vminq_s32(vmaxq_s32(v, vdupq_n_s32(p->out_min)), vdupq_n_s32(p->out_max));
}

TE_KERNEL te_add_linear_s8_fn te_add_linear_s8_helium;

TE_KERNEL void te_add_linear_s8_helium(const te_add_linear *restrict p, const int8_t *a, const int8_t *b,
                                       int8_t *out) {
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int8_t *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int8_t *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                TE_ROLLED
                for (int32_t l = p->size[3] / 4; l > 0; l--) {
                    vstrbq_s32(out, te_add_linear_s8_four(p, x, y, vctp32q(4)));
                    x += 4 * p->a_step[3];
                    y += 4 * p->b_step[3];
                    out += 4;
                }
                const int32_t rest = p->size[3] % 4;
                if (rest > 0) {
                    const mve_pred16_t lanes = vctp32q((uint32_t)rest);
                    vstrbq_p_s32(out, te_add_linear_s8_four(p, x, y, lanes), lanes);
                    out += rest;
                }
            }
        }
    }
}
