/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/pie/batch_matmul.h"

TE_PIE_INLINE int8_t te_pie_batch_matmul_bytes(te_pie *s, const te_batch_matmul *p, int32_t sum) {
    const int negative = p->out_min < p->out_zero_point;
    (void)s;
    return te_pie_limited_s8(te_pie_requantize(sum, p->multiplier, p->shift, p->out_zero_point, negative),
                             p->out_min, p->out_max);
}

#define TE_BATCH_MATMUL te_batch_matmul_s8_pie
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_OUTPUT te_pie_batch_matmul_bytes
#include "kernels/pie/batch_matmul_body.h"
