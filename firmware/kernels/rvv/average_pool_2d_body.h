/* SPDX-License-Identifier: Apache-2.0 */
/* te_average_pool_2d for any width of element, whose lanes are channels: TE_ELEMENT is its type, TE_TYPED(name, end) is
 * name_s8end or name_s16end; included once for each. */
#include "kernels/pool_2d.h"
#include "kernels/rvv/add_up.h"

/* As pool_2d_pixels.h has it; ties go away from zero. */
static inline __attribute__((always_inline)) void
TE_TYPED(te_average_pool_2d, _pixel)(const te_pool_2d *p, const TE_ELEMENT *x, int32_t height, int32_t width,
                                     TE_ELEMENT *out) {
    const int32_t taps = height * width;
    int32_t count = p->channels;
    TE_ROLLED
    while (count > 0) {
        const size_t vl = __riscv_vsetvl_e32m8((size_t)count);
        vint32m8_t sums = __riscv_vmv_v_x_i32m8(0, vl);
        TE_ROLLED
        for (int32_t ky = 0; ky < height; ky++)
            sums = TE_TYPED(te_add_up, )(sums, x + ky * p->in_width * p->channels, 1, width, p->channels, vl);
        const vint32m8_t sign = __riscv_vsra_vx_i32m8(sums, 31, vl);
        sums = __riscv_vadd_vx_i32m8(sums, taps / 2, vl);
        /* Twice the half less from what is negative. */
        sums = __riscv_vadd_vv_i32m8(sums, __riscv_vand_vx_i32m8(sign, -(taps / 2 * 2), vl), vl);
        sums = __riscv_vdiv_vx_i32m8(sums, taps, vl);
        sums = __riscv_vmax_vx_i32m8(sums, p->out_min, vl);
        TE_TYPED(te_store_s32m8, )(out, __riscv_vmin_vx_i32m8(sums, p->out_max, vl), vl);
        x += vl;
        out += vl;
        count -= (int32_t)vl;
    }
}

TE_KERNEL TE_TYPED(te_average_pool_2d, _fn) TE_TYPED(te_average_pool_2d, _rvv);

#define TE_POOL_2D TE_TYPED(te_average_pool_2d, _rvv)
#define TE_PIXEL TE_TYPED(te_average_pool_2d, _pixel)
#include "kernels/pool_2d_pixels.h"

#undef TE_TYPED
