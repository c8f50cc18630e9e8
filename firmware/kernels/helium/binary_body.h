/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel of two operands that are broadcast, eight elements at a time: TE_BINARY is its name, TE_PARAMETERS
 * its parameters with size, a_step and b_step, TE_LEFT, TE_RIGHT and TE_RESULT the types of elements, with the
 * ends s8 or s16 in TE_LEFT_END and so on, TE_GIVEN(type) what the contract has pointers to, TE_COMBINE(p, u, v)
 * what becomes of two vectors of 16 bits; included once for each. */
#define TE_ALL vctp16q(8)
#define TE_PASTED(a, b) a##b
#define TE_ENDED(a, b) TE_PASTED(a, b)
#define TE_EIGHT(p, x, y, lanes)                                                                             \
    TE_COMBINE(                                                                                              \
        p, (p)->a_step[3] ? TE_ENDED(te_eight_load_, TE_LEFT_END)(x, lanes) : vdupq_n_s16((int16_t)*(x)),    \
        (p)->b_step[3] ? TE_ENDED(te_eight_load_, TE_RIGHT_END)(y, lanes) : vdupq_n_s16((int16_t)*(y)))

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
                TE_FORGET(y); /* else it is x and a distance that no load takes */
                TE_ROLLED
                for (int32_t l = p->size[3] / 8; l > 0; l--) {
                    TE_ENDED(te_eight_store_, TE_RESULT_END)(target, TE_EIGHT(p, x, y, TE_ALL), TE_ALL);
                    x += 8 * p->a_step[3];
                    y += 8 * p->b_step[3];
                    target += 8;
                }
                const int32_t rest = p->size[3] % 8;
                if (rest > 0) {
                    const mve_pred16_t lanes = vctp16q((uint32_t)rest);
                    TE_ENDED(te_eight_store_, TE_RESULT_END)(target, TE_EIGHT(p, x, y, lanes), lanes);
                    target += rest;
                }
            }
        }
    }
}

#undef TE_ALL
#undef TE_PASTED
#undef TE_ENDED
#undef TE_EIGHT
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
