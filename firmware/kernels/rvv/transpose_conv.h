/* SPDX-License-Identifier: Apache-2.0 */
/* What transposed convolutions for RVV and their layout (tinyedge/plan/layout/rvv_transpose.py) agree on. */
#ifndef TE_RVV_TRANSPOSE_CONV_H
#define TE_RVV_TRANSPOSE_CONV_H

#include "kernels/rvv/sums.h"
#include "kernels/transpose_conv.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_TRANSPOSE_CONV_RVV_BYTES = 2048, /* on the stack, for the inputs that some outputs of a row meet */
};

/* How many of `count` taps lie `residue`, or any less than it, over a multiple of `stride`. */
static inline int32_t te_transpose_conv_of(int32_t count, int32_t stride, int32_t residue) {
    return (te_max(count - residue, 0) + stride - 1) / stride;
}

static inline int32_t te_transpose_conv_before(int32_t count, int32_t stride, int32_t residue) {
    return count / stride * residue + te_min(count % stride, residue);
}

#endif
