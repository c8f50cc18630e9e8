/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel of two operands that are broadcast, four elements at a time: TE_BINARY is its name, TE_PARAMETERS its
 * parameters with size, a_step and b_step, TE_LEFT, TE_RIGHT and TE_RESULT the types of elements, TE_GIVEN(type)
 * what the contract has pointers to, TE_COMBINE(p, u, v, out) stores what becomes of the elements of two words;
 * included once for each. A word holds neighbours of the left operand, or the same element in all of its places; of
 * the right one as many: bytes beside halves are widened to these. */
#define TE_PLACES ((int32_t)(sizeof(uint32_t) / sizeof(TE_LEFT)))
#define TE_MASK ((1u << 8 * sizeof(TE_LEFT)) - 1)
#define TE_SAME(element) (UINT32_MAX / TE_MASK * ((uint32_t)(element) & TE_MASK))
#define TE_WORD(from, step)                                                                                  \
    ((step) == 0                        ? TE_SAME(*(from))                                                   \
     : sizeof *(from) < sizeof(TE_LEFT) ? te_halves_pack((from)[0], (from)[1])                               \
                                        : te_halves_word(from))

TE_KERNEL void TE_BINARY(const TE_PARAMETERS *restrict p, const TE_GIVEN(TE_LEFT) * a,
                         const TE_GIVEN(TE_RIGHT) * b, TE_GIVEN(TE_RESULT) * out) {
    const TE_LEFT *const left = a;
    const TE_RIGHT *const right = b;
    TE_RESULT *target = out;
    const int32_t a_step = p->a_step[3], b_step = p->b_step[3];
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const TE_LEFT *x = left + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const TE_RIGHT *y = right + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                TE_ROLLED
                for (int32_t l = p->size[3] / 4; l > 0; l--) {
                    TE_UNROLLED
                    for (int32_t at = 0; at < 4; at += TE_PLACES)
                        TE_COMBINE(p, TE_WORD(x + at * a_step, a_step), TE_WORD(y + at * b_step, b_step),
                                   target + at);
                    x += 4 * a_step;
                    y += 4 * b_step;
                    target += 4;
                }
                TE_ROLLED
                for (int32_t l = p->size[3] % 4; l > 0; l--) {
                    TE_RESULT some[TE_PLACES];
                    TE_COMBINE(p, TE_SAME(*x), TE_SAME(*y), some);
                    *target++ = some[0];
                    x += a_step;
                    y += b_step;
                }
            }
        }
    }
}

#undef TE_PLACES
#undef TE_WORD
#undef TE_MASK
#undef TE_SAME
#undef TE_BINARY
#undef TE_PARAMETERS
#undef TE_LEFT
#undef TE_RIGHT
#undef TE_RESULT
#undef TE_GIVEN
#undef TE_COMBINE
