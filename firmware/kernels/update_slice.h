/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor with a block of it replaced, at a place that another tensor holds. */
#ifndef TE_UPDATE_SLICE_H
#define TE_UPDATE_SLICE_H

#include "kernels/kernel.h"

enum { TE_UPDATE_SLICE_DIMENSIONS = 6 };

typedef struct te_update_slice {
    int32_t size;  /* bytes of the whole */
    int32_t rows;  /* that the block consists of ... */
    int32_t row;   /* ... and bytes of one */
    int32_t words; /* 32-bit words of an index, the lowest first: 2 for int64, of which that one counts */
    /* Of every dimension: rows along it, bytes from one index to the next, the last place for the block. */
    int32_t count[TE_UPDATE_SLICE_DIMENSIONS], pitch[TE_UPDATE_SLICE_DIMENSIONS];
    int32_t last[TE_UPDATE_SLICE_DIMENSIONS];
} te_update_slice;

/* in and out [size], block [rows, row], start [TE_UPDATE_SLICE_DIMENSIONS]. A place outside counts as the
   nearest one where the block fits.

   Order: all of `in` is read before `out` is written, `block` and `start` after that. */
typedef void te_update_slice_fn(const te_update_slice *p, const void *in, const void *block,
                                const void *start, void *out);

#endif
