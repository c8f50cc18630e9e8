/* SPDX-License-Identifier: Apache-2.0 */
/* What products of matrices for Helium share: four columns of b on the stack, in the order of use, so that one
   load of a serves four. */
#ifndef TE_HELIUM_BATCH_MATMUL_H
#define TE_HELIUM_BATCH_MATMUL_H

#include "kernels/batch_matmul.h"
#include "kernels/helium/vector.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_BATCH_MATMUL_HELIUM_BYTES = 512, /* of a column, at most: it is laid on the stack */
};

enum {
    TE_BATCH_MATMUL_COLUMNS = 4, /* at a time */
    TE_BATCH_MATMUL_ROWS = 32,   /* whose sums the stack holds */
};

/* Elements of an operand from its start to matrix `batch`. */
static inline int32_t te_batch_matmul_start(const te_batch_matmul *p, const int32_t *step, int32_t batch) {
    const int32_t k = batch % p->batches[2];
    const int32_t j = batch / p->batches[2] % p->batches[1];
    const int32_t i = batch / p->batches[2] / p->batches[1];
    return i * step[0] + j * step[1] + k * step[2];
}

#endif
