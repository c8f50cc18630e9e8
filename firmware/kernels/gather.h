/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks at positions that a tensor holds: GATHER, GATHER_ND, EMBEDDING_LOOKUP. */
#ifndef TE_GATHER_H
#define TE_GATHER_H

#include "kernels/kernel.h"

enum { TE_GATHER_COORDINATES = 6 };

typedef struct te_gather {
    int32_t batches;     /* parts of `in`, each with indices of its own ... */
    int32_t outer;       /* ... and parts of those that have them in common */
    int32_t count;       /* blocks that are taken of each */
    int32_t coordinates; /* indices that name a block */
    int32_t words; /* 32-bit words of an index, the lowest first: 2 for int64, of which that one counts */
    int32_t plane; /* bytes of a part of a part */
    int32_t block; /* bytes of a block */
    /* Of every coordinate: how many values it may have, and bytes of `in` from one to the next. */
    int32_t size[TE_GATHER_COORDINATES], pitch[TE_GATHER_COORDINATES];
} te_gather;

/* in [batches, outer, plane], index [batches, count, coordinates], out [batches, outer, count, block]. An
   index outside counts as the nearest one inside, so that nothing else is read. No overlap. */
typedef void te_gather_fn(const te_gather *p, const void *in, const void *index, void *out);

#endif
