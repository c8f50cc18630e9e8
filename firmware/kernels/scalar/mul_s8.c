/* SPDX-License-Identifier: Apache-2.0 */
/* For cores without vectors: a product is requantised by one high multiplication. */
#include "kernels/requantize_high.h"
#include "kernels/scalar/mul.h"
#include "kernels/unrolled.h"

TE_KERNEL te_mul_s8_scalar_fn te_mul_s8_scalar;

TE_KERNEL void te_mul_s8_scalar(const te_mul *restrict p, const te_mul_scalar *restrict laid, const int8_t *a,
                                const int8_t *b, int8_t *out) {
    const int32_t constants[] = {p->multiplier, laid->added};
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int8_t *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int8_t *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                TE_UNROLLED_BY_4
                for (int32_t l = p->size[3]; l > 0; l--) {
                    const int32_t product = (*x - p->a_zero_point) * (*y - p->b_zero_point);
                    const int32_t scaled =
                        te_requantize_high(product, constants, laid->right, p->out_min < p->out_zero_point);
                    *out++ = (int8_t)te_clamp(scaled, p->out_min, p->out_max);
                    x += p->a_step[3];
                    y += p->b_step[3];
                }
            }
        }
    }
}
