/* SPDX-License-Identifier: Apache-2.0 */
/* What products of matrices for cores without vectors and their layout (tinyedge/plan/layout/scalar_matmul.py) agree
   on. */
#ifndef TE_SCALAR_BATCH_MATMUL_H
#define TE_SCALAR_BATCH_MATMUL_H

#include "kernels/batch_matmul.h"
#include "kernels/unrolled.h"

/* Sums in registers. */
enum { TE_BATCH_MATMUL_SCALAR_ROWS = 2, TE_BATCH_MATMUL_SCALAR_COLUMNS = 4 };

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_BATCH_MATMUL_SCALAR_DEPTH = 511, /* products of a byte and of 16 bits whose sum fits 32 bits */
};

#endif
