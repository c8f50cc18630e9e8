/* SPDX-License-Identifier: Apache-2.0 */
/* te_concatenation with TE_MOVE for memcpy: TE_CONCATENATION is the kernel's name, TE_UNIT a type of
 * what it counts in; included once for each. */
#include "kernels/concatenation.h"

TE_KERNEL te_concatenation_fn TE_CONCATENATION;

TE_KERNEL void TE_CONCATENATION(const te_concatenation *restrict p, const void *in, void *out) {
    const TE_UNIT *source = in;
    TE_UNIT *target = out;
    for (int32_t row = 0; row < p->rows; row++)
        TE_MOVE(target + row * p->stride + p->start, source + row * p->bytes,
                (size_t)p->bytes * sizeof *source);
}

#undef TE_CONCATENATION
#undef TE_MOVE
#undef TE_UNIT
