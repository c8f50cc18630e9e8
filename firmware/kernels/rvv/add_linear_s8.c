/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/add_linear.h"
#include "kernels/rvv/vector.h"

/* The next elements of an operand that moves by `step`, 0 or 1, from element to element. */
static inline vint32m8_t te_add_linear_s8_load(const int8_t *from, int32_t step, size_t vl) {
    return step ? __riscv_vsext_vf4_i32m8(__riscv_vle8_v_i8m2(from, vl), vl)
                : __riscv_vmv_v_x_i32m8(*from, vl);
}

TE_KERNEL te_add_linear_s8_fn te_add_linear_s8_rvv;

TE_KERNEL void te_add_linear_s8_rvv(const te_add_linear *restrict p, const int8_t *a, const int8_t *b,
                                    int8_t *out) {
    const te_output output = {0, p->out_min, p->out_max, 0};
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int8_t *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int8_t *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                int32_t count = p->size[3];
                TE_ROLLED
                while (count > 0) {
                    const size_t vl = __riscv_vsetvl_e32m8((size_t)count);
                    const vint32m8_t left = te_add_linear_s8_load(x, p->a_step[3], vl);
                    const vint32m8_t right = te_add_linear_s8_load(y, p->b_step[3], vl);
                    vint32m8_t sum = __riscv_vmul_vx_i32m8(left, p->a_factor, vl);
                    sum = __riscv_vmacc_vx_i32m8(sum, p->b_factor, right, vl);
                    sum = __riscv_vadd_vx_i32m8(sum, p->offset, vl);
                    /* Saturated to 16 bits, a result is clamped as before. */
                    te_store_s16m4_s8(__riscv_vnclip_wx_i16m4(sum, (size_t)p->shift, __RISCV_VXRM_RDN, vl),
                                      output, out, vl);
                    x += p->a_step[3] * (int32_t)vl;
                    y += p->b_step[3] * (int32_t)vl;
                    out += vl;
                    count -= (int32_t)vl;
                }
            }
        }
    }
}
