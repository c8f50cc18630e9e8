/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices, one for each batch. */
#ifndef TE_BATCH_MATMUL_H
#define TE_BATCH_MATMUL_H

#include "kernels/kernel.h"
#include "kernels/wide.h"

typedef struct te_batch_matmul {
    /* How many matrices there are along three dimensions, and elements of each operand from one to the next:
       0 repeats it. */
    int32_t batches[3], a_batch[3], b_batch[3];
    int32_t rows, depth, columns;
    int32_t a_row, a_depth;    /* elements of a from one row, and from one column, to the next */
    int32_t b_column, b_depth; /* elements of b from one column, and from one row, to the next */
    int32_t multiplier, shift; /* s8: for te_requantize; s16: for te_requantize_reduced */
    int16_t a_zero_point, b_zero_point, out_zero_point, out_min, out_max;
} te_batch_matmul;

/* a [batches, rows, depth] and b [batches, depth, columns], which may lie transposed, out [batches, rows,
   columns]. s8: all int8, sums of 32 bits; s16: all int16, sums of 64; s16_s8: the same with b in int8. No
   overlap. */
typedef void te_batch_matmul_fn(const te_batch_matmul *p, const void *a, const void *b, void *out);

/* Elements of an operand from its start to matrix `batch`. */
static inline int32_t te_batch_matmul_start(const te_batch_matmul *p, const int32_t *step, int32_t batch) {
    const int32_t k = batch % p->batches[2];
    const int32_t j = batch / p->batches[2] % p->batches[1];
    const int32_t i = batch / p->batches[2] / p->batches[1];
    return i * step[0] + j * step[1] + k * step[2];
}

#endif
