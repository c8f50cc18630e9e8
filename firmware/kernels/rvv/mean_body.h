/* SPDX-License-Identifier: Apache-2.0 */
/* te_mean for any width of element, whose lanes are outputs: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end
 * or name_s16end, TE_LOAD(from, vl) gives elements side by side as 16 bits, TE_ADD(sums, from, step, count, pitch, vl)
 * adds `count` vectors that are `pitch` apart, of elements that are `step` apart, and TE_STORE(to, v, vl) takes
 * numbers of 32 bits that fit; included once for each. */
#include "kernels/mean.h"
#include "kernels/rvv/vector.h"

/* The outputs of `lanes` sums, of `outer` times `inner` elements each. */
static inline __attribute__((always_inline)) void
TE_TYPED(te_mean, _lanes)(const te_mean *p, const TE_ELEMENT *in, int32_t lanes, int32_t step, int32_t outer,
                          int32_t far, int32_t inner, int32_t near, TE_ELEMENT *out) {
    TE_ROLLED
    while (lanes > 0) {
        const size_t vl = __riscv_vsetvl_e32m8((size_t)lanes);
        vint32m8_t sums = __riscv_vmv_v_x_i32m8(p->start, vl);
        TE_ROLLED
        for (int32_t k = 0; k < outer; k++)
            sums = TE_ADD(sums, in + k * far, step, inner, near, vl);
        /* te_requantize, clamped. */
        if (p->shift > 0)
            sums = __riscv_vsll_vx_i32m8(sums, (size_t)p->shift, vl);
        sums = __riscv_vsmul_vx_i32m8(sums, p->multiplier, __RISCV_VXRM_RNU, vl);
        if (p->shift < 0) {
            sums = __riscv_vadd_vv_i32m8(sums, __riscv_vsra_vx_i32m8(sums, 31, vl), vl);
            sums = __riscv_vssra_vx_i32m8(sums, (size_t)-p->shift, __RISCV_VXRM_RNU, vl);
        }
        sums = __riscv_vadd_vx_i32m8(sums, p->out_zero_point, vl);
        sums = __riscv_vmax_vx_i32m8(sums, p->out_min, vl);
        TE_STORE(out, __riscv_vmin_vx_i32m8(sums, p->out_max, vl), vl);
        in += (int32_t)vl * step;
        out += vl;
        lanes -= (int32_t)vl;
    }
}

/* The same, an output at a time, of elements side by side. */
static inline void TE_TYPED(te_mean, _rows)(const te_mean *p, const TE_ELEMENT *in, int32_t rows,
                                            int32_t count, TE_ELEMENT *out) {
    TE_ROLLED
    for (int32_t i = 0; i < rows; i++) {
        vint32m1_t sum = __riscv_vmv_v_x_i32m1(p->start, 1);
        int32_t left = count;
        TE_ROLLED
        while (left > 0) {
            const size_t vl = __riscv_vsetvl_e16m8((size_t)left);
            sum = __riscv_vwredsum_vs_i16m8_i32m1(TE_LOAD(in, vl), sum, vl);
            in += vl;
            left -= (int32_t)vl;
        }
        const int32_t scaled =
            te_requantize(__riscv_vmv_x_s_i32m1_i32(sum), p->multiplier, p->shift) + p->out_zero_point;
        *out++ = (TE_ELEMENT)te_clamp(scaled, p->out_min, p->out_max);
    }
}

TE_KERNEL TE_TYPED(te_mean, _fn) TE_TYPED(te_mean, _rvv);

TE_KERNEL void TE_TYPED(te_mean, _rvv)(const te_mean *restrict p, const TE_ELEMENT *in, TE_ELEMENT *out) {
    const int32_t row = p->size[4];
    /* Where one number is left of each outermost index, lanes are such. */
    const int alone = p->size[2] * p->size[3] * row == 1;
    const int32_t images = alone ? 1 : p->size[0];
    const int32_t outer = alone ? 1 : p->size[1], kept = alone ? p->size[0] : p->size[2];
    const int32_t inner = alone ? p->size[1] : p->size[3];
    /* Instructions of a vector of 128 bits: for each element of 32 outputs, or for each output and 64 elements. */
    const int few = outer == 1 && row == 1 && kept * (16 + inner / 16) < (kept / 32 + 1) * inner * 2;
    TE_ROLLED
    for (int32_t i = 0; i < images; i++) {
        if (few) {
            TE_TYPED(te_mean, _rows)(p, in, kept, inner, out);
            out += kept;
        } else if (row == 1) {
            TE_TYPED(te_mean, _lanes)(p, in, kept, inner, inner == 1 ? 1 : outer, kept * inner,
                                      inner == 1 ? outer : inner, inner == 1 ? kept : 1, out);
            out += kept;
        } else {
            TE_ROLLED
            for (int32_t j = 0; j < kept; j++) {
                TE_TYPED(te_mean, _lanes)(p, in + j * inner * row, row, 1, outer, kept * inner * row, inner,
                                          row, out);
                out += row;
            }
        }
        in += outer * kept * inner * row;
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
#undef TE_LOAD
#undef TE_ADD
#undef TE_STORE
