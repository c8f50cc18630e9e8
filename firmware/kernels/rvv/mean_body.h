/* SPDX-License-Identifier: Apache-2.0 */
/* te_mean for any width of element, whose lanes are outputs: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end
 * or name_s16end, TE_LOAD(from, vl) gives elements side by side as 16 bits, TE_ADD(sums, from, step, count, pitch, vl)
 * adds `count` vectors that are `pitch` apart, of elements that are `step` apart, and TE_STORE(to, v, vl) takes
 * numbers of 32 bits that fit; included once for each. */
#include "kernels/mean.h"
#include "kernels/rvv/vector.h"

/* Outputs one at a time, each of `count` elements side by side, and so are these. */
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

/* `lanes` outputs, whose first elements are `step` apart, of the groups of mean.h; their elements are `near` apart. */
static inline __attribute__((always_inline)) void
TE_TYPED(te_mean, _lanes)(const te_mean *p, const TE_ELEMENT *in, te_mean_groups groups, int32_t lanes,
                          int32_t step, int32_t near, TE_ELEMENT *out) {
    TE_ROLLED
    while (lanes > 0) {
        const size_t vl = __riscv_vsetvl_e32m8((size_t)lanes);
        vint32m8_t sums = __riscv_vmv_v_x_i32m8(p->start, vl);
        TE_ROLLED
        for (int32_t k = 0; k < groups.count; k++)
            sums = TE_ADD(sums, in + k * groups.pitch, step, groups.taps, near, vl);
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

static inline __attribute__((always_inline)) void
TE_TYPED(te_mean, _along)(const te_mean *p, te_mean_groups groups, const TE_ELEMENT *in, TE_ELEMENT *out) {
    const int32_t rows = groups.rows, taps = groups.taps;
    /* Instructions for each output and 64 elements of it, or for each element of 32 outputs, at 128 bits. */
    if (groups.count == 1 && rows * (16 + taps / 16) < (rows / 32 + 1) * taps * 2)
        TE_TYPED(te_mean, _rows)(p, in, rows, taps, out);
    else
        TE_TYPED(te_mean, _lanes)(p, in, groups, rows, groups.step, 1, out);
}

static inline __attribute__((always_inline)) void
TE_TYPED(te_mean, _across)(const te_mean *p, te_mean_groups groups, const TE_ELEMENT *in, TE_ELEMENT *out) {
    TE_TYPED(te_mean, _lanes)(p, in, groups, groups.row, 1, groups.row, out);
}

TE_KERNEL TE_TYPED(te_mean, _fn) TE_TYPED(te_mean, _rvv);

#define TE_MEAN TE_TYPED(te_mean, _rvv)
#define TE_ALONG TE_TYPED(te_mean, _along)
#define TE_ACROSS TE_TYPED(te_mean, _across)
#include "kernels/mean_rows.h"

#undef TE_TYPED
#undef TE_LOAD
#undef TE_ADD
#undef TE_STORE
