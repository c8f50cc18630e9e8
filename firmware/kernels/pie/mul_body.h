/* SPDX-License-Identifier: Apache-2.0 */
/* te_mul for any width of element: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or name_s16end,
   TE_OUTPUTS makes a vector of outputs; included once for each. */

TE_KERNEL TE_TYPED(te_mul, _pie_fn) TE_TYPED(te_mul, _pie);

TE_KERNEL void TE_TYPED(te_mul, _pie)(const te_mul *restrict p, const TE_ELEMENT *a, const TE_ELEMENT *b,
                                      const int8_t *vectors, TE_ELEMENT *out) {
    enum { LANES = TE_PIE_VECTOR / (int)sizeof(TE_ELEMENT) };
    const int32_t whole = p->size[3] / LANES * LANES;
    te_pie s = {0};
    TE_PIE_FENCE();
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const TE_ELEMENT *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const TE_ELEMENT *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                for (int32_t l = 0; l < whole; l += LANES)
                    TE_OUTPUTS(&s, p, (const int8_t *)(x + l), (const int8_t *)(y + l), vectors,
                               (int8_t *)(out + l));
                for (int32_t l = whole; l < p->size[3]; l++) {
                    const int32_t product = (x[l] - p->a_zero_point) * (y[l] - p->b_zero_point);
                    const int32_t scaled =
                        te_requantize(product, p->multiplier, p->shift) + p->out_zero_point;
                    out[l] = (TE_ELEMENT)te_clamp(scaled, p->out_min, p->out_max);
                }
                out += p->size[3];
            }
        }
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
#undef TE_OUTPUTS
