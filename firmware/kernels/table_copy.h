/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of elements moved to or from places that tables list: mirrored borders, nearest pixels, cropped
 * blocks. */
#ifndef TE_TABLE_COPY_H
#define TE_TABLE_COPY_H

#include "kernels/kernel.h"

enum { TE_TABLE_COPY_DIMENSIONS = 4 };

typedef struct te_table_copy {
    int32_t count[TE_TABLE_COPY_DIMENSIONS]; /* blocks along each dimension */
    int32_t block;                           /* bytes of one */
    int32_t scatter; /* 0: tables say where in `in` a block comes from, 1: where in `out` it goes */
} te_table_copy;

/* offsets: for every index of every dimension, dimension after dimension, bytes; a block's place is their
   sum.

   Order: blocks ascending on the other side, each read before it is written. With `scatter`, bytes that no
   block goes to stay. s32: the same in words, for bytes. */
typedef void te_table_copy_fn(const te_table_copy *p, const void *in, const int32_t *offsets, void *out);

#endif
