/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel of two operands that are broadcast: TE_BINARY(end) is te_<kernel>end, TE_PARAMETERS its parameters
 * with size, a_step and b_step, TE_LEFT, TE_RIGHT and TE_RESULT the types of elements, TE_COMBINE(p, u, v)
 * what becomes of two; included once for each. */
TE_KERNEL void TE_BINARY(_portable)(const TE_PARAMETERS *p, const void *a, const void *b, void *out) {
    const TE_LEFT *left = a;
    const TE_RIGHT *right = b;
    TE_RESULT *target = out;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const TE_LEFT *x = left + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const TE_RIGHT *y = right + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                for (int32_t l = 0; l < p->size[3]; l++)
                    *target++ = TE_COMBINE(p, x[l * p->a_step[3]], y[l * p->b_step[3]]);
            }
        }
    }
}

#undef TE_BINARY
#undef TE_PARAMETERS
#undef TE_LEFT
#undef TE_RIGHT
#undef TE_RESULT
#undef TE_COMBINE
