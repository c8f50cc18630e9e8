/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel of two operands that are broadcast, a vector at a time: TE_BINARY is its name, TE_PARAMETERS its
 * parameters with size, a_step and b_step, TE_LEFT, TE_RIGHT and TE_RESULT the types of elements, with the ends s8,
 * u8 or s16 in TE_LEFT_END and so on, TE_GIVEN(type) what the contract has pointers to, TE_COMBINE(p, u, v, vl)
 * what becomes of two vectors of 32 bits; included once for each. */
#define TE_PASTED(a, b) a##b
#define TE_ENDED(a, b) TE_PASTED(a, b)

TE_KERNEL void TE_BINARY(const TE_PARAMETERS *restrict p, const TE_GIVEN(TE_LEFT) * a,
                         const TE_GIVEN(TE_RIGHT) * b, TE_GIVEN(TE_RESULT) * out) {
    const TE_LEFT *left = a;
    const TE_RIGHT *right = b;
    TE_RESULT *target = out;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const TE_LEFT *x = left + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const TE_RIGHT *y = right + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                int32_t count = p->size[3];
                TE_ROLLED
                while (count > 0) {
                    const size_t vl = __riscv_vsetvl_e32m4((size_t)count);
                    const vint32m4_t u = TE_ENDED(te_lanes_load_, TE_LEFT_END)(x, p->a_step[3], vl);
                    const vint32m4_t v = TE_ENDED(te_lanes_load_, TE_RIGHT_END)(y, p->b_step[3], vl);
                    TE_ENDED(te_lanes_store_, TE_RESULT_END)(target, TE_COMBINE(p, u, v, vl), vl);
                    x += p->a_step[3] * (int32_t)vl;
                    y += p->b_step[3] * (int32_t)vl;
                    target += vl;
                    count -= (int32_t)vl;
                }
            }
        }
    }
}

#undef TE_PASTED
#undef TE_ENDED
#undef TE_BINARY
#undef TE_PARAMETERS
#undef TE_LEFT
#undef TE_LEFT_END
#undef TE_RIGHT
#undef TE_RIGHT_END
#undef TE_RESULT
#undef TE_RESULT_END
#undef TE_GIVEN
#undef TE_COMBINE
