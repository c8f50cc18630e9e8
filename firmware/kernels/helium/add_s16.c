/* SPDX-License-Identifier: Apache-2.0 */
/* Four elements at a time. */
#include "kernels/add.h"
#include "kernels/helium/vector.h"

/* te_requantize of every lane by numbers of the layer. */
static inline int32x4_t te_add_s16_scale(int32x4_t v, int32_t multiplier, int32_t shift) {
    const te_scales by = {vdupq_n_s32(multiplier), vdupq_n_s32(shift)};
    return te_requantize_x4(v, by, shift, 1);
}

/* Elements of `x` and `y` that `lanes` says there are. */
static inline int32x4_t te_add_s16_four(const te_add *p, const int16_t *x, const int16_t *y,
                                        mve_pred16_t lanes) {
    int32x4_t v = p->a_step[3] ? vldrhq_z_s32(x, lanes) : vdupq_n_s32(*x);
    int32x4_t w = p->b_step[3] ? vldrhq_z_s32(y, lanes) : vdupq_n_s32(*y);
    if (p->a_zero_point != 0)
        v = vsubq_n_s32(v, p->a_zero_point);
    if (p->b_zero_point != 0)
        w = vsubq_n_s32(w, p->b_zero_point);
    v = te_add_s16_scale(vshlq_n_s32(v, 15), p->a_multiplier, p->a_shift);
    w = te_add_s16_scale(vshlq_n_s32(w, 15), p->b_multiplier, p->b_shift);
    v = te_add_s16_scale(p->sign > 0 ? vaddq_s32(v, w) : vsubq_s32(v, w), p->out_multiplier, p->out_shift);
    if (p->out_zero_point != 0)
        v = vaddq_n_s32(v, p->out_zero_point);
    return vminq_s32(vmaxq_s32(v, vdupq_n_s32(p->out_min)), vdupq_n_s32(p->out_max));
}

TE_KERNEL te_add_s16_fn te_add_s16_helium;

TE_KERNEL void te_add_s16_helium(const te_add *restrict p, const int16_t *a, const int16_t *b, int16_t *out) {
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int16_t *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int16_t *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                TE_ROLLED
                for (int32_t l = p->size[3] / 4; l > 0; l--) {
                    vstrhq_s32(out, te_add_s16_four(p, x, y, vctp32q(4)));
                    x += 4 * p->a_step[3];
                    y += 4 * p->b_step[3];
                    out += 4;
                }
                const int32_t rest = p->size[3] % 4;
                if (rest > 0) {
                    const mve_pred16_t lanes = vctp32q((uint32_t)rest);
                    vstrhq_p_s32(out, te_add_s16_four(p, x, y, lanes), lanes);
                    out += rest;
                }
            }
        }
    }
}
