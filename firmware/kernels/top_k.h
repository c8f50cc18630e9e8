/* SPDX-License-Identifier: Apache-2.0 */
/* The largest elements of each row, and where they are. */
#ifndef TE_TOP_K_H
#define TE_TOP_K_H

#include "kernels/kernel.h"

typedef struct te_top_k {
    int32_t rows, depth, count;
} te_top_k;

/* in [rows, depth], values [rows, count] and places [rows, count], the largest element first, of equal ones
   the first; both are of the type that the kernel is called after. No overlap. */
typedef void te_top_k_fn(const te_top_k *p, const void *in, void *values, int32_t *places);

#endif
