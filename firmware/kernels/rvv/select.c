/* SPDX-License-Identifier: Apache-2.0 */
/* A vector at a time; elements of 8 bytes, which are none of its lanes, are left to the portable kernel. */
#include "kernels/select.h"
#include "kernels/rvv/vector.h"

/* te_select_<bits>: a row of elements of so many bits, whose vectors of `type` and its `lmul` have conditions in
   registers `of`, a mask of which is for `ratio` bits a lane. A step of 0 repeats an element. */
#define TE_SELECT_ROW(bits, lmul, of, ratio)                                                                 \
    static inline void te_select_##bits(const te_select *p, const uint8_t *c, const uint##bits##_t *a,       \
                                        const uint##bits##_t *b, uint##bits##_t *out) {                      \
        size_t vl;                                                                                           \
        TE_ROLLED                                                                                            \
        for (int32_t left = p->size[3]; left > 0; left -= (int32_t)vl) {                                     \
            vl = __riscv_vsetvl_e##bits##lmul((size_t)left);                                                 \
            const vuint8##of##_t flags =                                                                     \
                p->c_step[3] ? __riscv_vle8_v_u8##of(c, vl) : __riscv_vmv_v_x_u8##of(*c, vl);                \
            const vuint##bits##lmul##_t x = p->a_step[3] ? __riscv_vle##bits##_v_u##bits##lmul(a, vl)        \
                                                         : __riscv_vmv_v_x_u##bits##lmul(*a, vl);            \
            const vuint##bits##lmul##_t y = p->b_step[3] ? __riscv_vle##bits##_v_u##bits##lmul(b, vl)        \
                                                         : __riscv_vmv_v_x_u##bits##lmul(*b, vl);            \
            const vbool##ratio##_t chosen = __riscv_vmsne_vx_u8##of##_b##ratio(flags, 0, vl);                \
            __riscv_vse##bits##_v_u##bits##lmul(out, __riscv_vmerge_vvm_u##bits##lmul(y, x, chosen, vl),     \
                                                vl);                                                         \
            c += (int32_t)vl * p->c_step[3];                                                                 \
            a += (int32_t)vl * p->a_step[3];                                                                 \
            b += (int32_t)vl * p->b_step[3];                                                                 \
            out += vl;                                                                                       \
        }                                                                                                    \
    }

TE_SELECT_ROW(8, m8, m8, 1)
TE_SELECT_ROW(16, m8, m4, 2)
TE_SELECT_ROW(32, m8, m2, 4)

#undef TE_SELECT_ROW

#define TE_SELECT te_select_rvv
#include "kernels/select_rows.h"
