/* SPDX-License-Identifier: Apache-2.0 */
/* Where both operands lie along their depth, two products an instruction for two columns; else four columns that
   are neighbours at a time: tinyedge/plan/layout/dsp_products.py gives no others, and only sums that can be
   doubled. */
#include "kernels/batch_matmul.h"
#include "kernels/dsp/halves.h"
#include "kernels/unrolled.h"

static inline __attribute__((always_inline)) int8_t te_batch_matmul_s8_dsp_scale(const te_batch_matmul *p,
                                                                                 int32_t sum) {
    const int32_t right = -p->shift, more = p->out_zero_point * (INT32_C(1) << right);
    return te_halves_limit_s8(te_halves_scale(sum * 2, p->multiplier, right, more) >> right, p->out_min,
                              p->out_max);
}

/* `count` outputs, one or two, of columns that lie along their depth. */
static inline __attribute__((always_inline)) void te_batch_matmul_s8_dsp_along(const te_batch_matmul *p,
                                                                               const int8_t *x,
                                                                               const int8_t *y, int32_t count,
                                                                               int8_t *out) {
    const uint32_t less = te_halves_pack(-p->a_zero_point, -p->a_zero_point);
    const uint32_t lower = te_halves_pack(-p->b_zero_point, -p->b_zero_point);
    int32_t sums[2] = {0, 0}, d = 0;
    TE_UNROLLED_BY_4
    for (; d + 4 <= p->depth; d += 4) {
        const uint32_t word = te_halves_word(x + d);
        const uint32_t even = te_halves_add_even(less, word);
        const uint32_t odd = te_halves_add_even(less, te_halves_turned(word));
        TE_UNROLLED
        for (int32_t i = 0; i < count; i++) {
            const uint32_t other = te_halves_word(y + i * p->b_column + d);
            sums[i] = te_halves_add_products(sums[i], even, te_halves_add_even(lower, other));
            sums[i] =
                te_halves_add_products(sums[i], odd, te_halves_add_even(lower, te_halves_turned(other)));
            TE_NOW(sums[i]);
        }
    }
    TE_ROLLED
    for (; d < p->depth; d++)
        for (int32_t i = 0; i < count; i++)
            sums[i] += (x[d] - p->a_zero_point) * (y[i * p->b_column + d] - p->b_zero_point);
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++)
        out[i] = te_batch_matmul_s8_dsp_scale(p, sums[i]);
}

/* Four outputs of columns that are neighbours. */
static inline __attribute__((always_inline)) void
te_batch_matmul_s8_dsp_across(const te_batch_matmul *p, const int8_t *x, const int8_t *y, int8_t *out) {
    const uint32_t lower = te_halves_pack(-p->b_zero_point, -p->b_zero_point);
    int32_t sums[4] = {0, 0, 0, 0};
    TE_UNROLLED_BY_4
    for (int32_t d = 0; d < p->depth; d++, x += p->a_depth, y += p->b_depth) {
        const uint32_t word = te_halves_word(y);
        const uint32_t even = te_halves_add_even(lower, word);
        const uint32_t odd = te_halves_add_even(lower, te_halves_turned(word));
        const int32_t u = (int16_t)(*x - p->a_zero_point);
        sums[0] += u * te_halves_low(even);
        sums[1] += u * te_halves_low(odd);
        sums[2] += u * te_halves_high(even);
        sums[3] += u * te_halves_high(odd);
    }
    TE_UNROLLED
    for (int32_t i = 0; i < 4; i++)
        out[i] = te_batch_matmul_s8_dsp_scale(p, sums[i]);
}

TE_KERNEL te_batch_matmul_fn te_batch_matmul_s8_dsp;

TE_KERNEL void te_batch_matmul_s8_dsp(const te_batch_matmul *restrict p, const void *a, const void *b,
                                      void *out) {
    int8_t *to = out;
    const int32_t matrices = p->batches[0] * p->batches[1] * p->batches[2];
    for (int32_t batch = 0; batch < matrices; batch++) {
        const int8_t *x = (const int8_t *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const int8_t *const right = (const int8_t *)b + te_batch_matmul_start(p, p->b_batch, batch);
        TE_ROLLED
        for (int32_t row = 0; row < p->rows; row++, x += p->a_row) {
            const int8_t *y = right;
            int32_t left = p->columns;
            if (p->a_depth == 1 && p->b_depth == 1) {
                TE_ROLLED
                for (; left >= 2; left -= 2, y += 2 * p->b_column, to += 2)
                    te_batch_matmul_s8_dsp_along(p, x, y, 2, to);
                if (left > 0)
                    te_batch_matmul_s8_dsp_along(p, x, y, 1, to++);
                continue;
            }
            TE_ROLLED
            for (; left >= 4; left -= 4, y += 4, to += 4)
                te_batch_matmul_s8_dsp_across(p, x, y, to);
            TE_ROLLED
            for (; left > 0; left--, y++) {
                int32_t sum = 0;
                TE_ROLLED
                for (int32_t d = 0; d < p->depth; d++)
                    sum += (x[d * p->a_depth] - p->a_zero_point) * (y[d * p->b_depth] - p->b_zero_point);
                *to++ = te_batch_matmul_s8_dsp_scale(p, sum);
            }
        }
    }
}
