/* SPDX-License-Identifier: Apache-2.0 */
/* te_reduce_prod for any width of element: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or
 * name_s16end; included once for each. */
#include "kernels/reduce_prod.h"

TE_KERNEL TE_TYPED(te_reduce_prod, _fn) TE_TYPED(te_reduce_prod, _portable);

TE_KERNEL void TE_TYPED(te_reduce_prod, _portable)(const te_reduce_prod *p, const TE_ELEMENT *in,
                                                   TE_ELEMENT *out) {
    const int32_t row = p->size[4];
    const int32_t plane = p->size[2] * p->size[3] * row;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[2]; j++) {
            for (int32_t c = 0; c < row; c++) {
                const TE_ELEMENT *first = in + j * p->size[3] * row + c;
                int32_t product = *first - p->in_zero_point;
                for (int32_t k = 0; k < p->size[1]; k++) {
                    for (int32_t l = k == 0; l < p->size[3]; l++) {
                        const int32_t factor = first[k * plane + l * row] - p->in_zero_point;
                        product = te_requantize_reduced(te_product(product, factor), p->multiplier, p->shift);
                    }
                }
                const int32_t scaled =
                    te_requantize_reduced(product, p->multiplier, p->shift) + p->out_zero_point;
                *out++ = (TE_ELEMENT)te_clamp(scaled, p->out_min, p->out_max);
            }
        }
        in += p->size[1] * plane;
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
