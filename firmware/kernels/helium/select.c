/* SPDX-License-Identifier: Apache-2.0 */
/* A vector at a time; elements of 8 bytes, which are none of its lanes, are left to the portable kernel. */
#include "kernels/select.h"
#include "kernels/helium/vector.h"

/* te_select_<bits>: a row of elements of so many bits, `count` in a vector, which `ldr` loads and `str` stores. A
   step of 0 repeats an element. */
#define TE_SELECT_ROW(bits, count, ldr, str)                                                                 \
    static inline void te_select_##bits(const te_select *p, const uint8_t *c, const uint##bits##_t *a,       \
                                        const uint##bits##_t *b, uint##bits##_t *out) {                      \
        TE_ROLLED                                                                                            \
        for (int32_t left = p->size[3]; left > 0; left -= count) {                                           \
            const mve_pred16_t lanes = vctp##bits##q((uint32_t)left);                                        \
            const uint##bits##x##count##_t flags =                                                           \
                p->c_step[3] ? vldrbq_z_u##bits(c, lanes) : vdupq_n_u##bits(*c);                             \
            const uint##bits##x##count##_t x = p->a_step[3] ? ldr(a, lanes) : vdupq_n_u##bits(*a);           \
            const uint##bits##x##count##_t y = p->b_step[3] ? ldr(b, lanes) : vdupq_n_u##bits(*b);           \
            str(out, vpselq_u##bits(x, y, vcmpneq_n_u##bits(flags, 0)), lanes);                              \
            c += count * p->c_step[3];                                                                       \
            a += count * p->a_step[3];                                                                       \
            b += count * p->b_step[3];                                                                       \
            out += count;                                                                                    \
        }                                                                                                    \
    }

TE_SELECT_ROW(8, 16, vldrbq_z_u8, vstrbq_p_u8)
TE_SELECT_ROW(16, 8, vldrhq_z_u16, vstrhq_p_u16)
TE_SELECT_ROW(32, 4, vldrwq_z_u32, vstrwq_p_u32)

#undef TE_SELECT_ROW

#define TE_SELECT te_select_helium
#include "kernels/select_rows.h"
