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

#endif
