/* SPDX-License-Identifier: Apache-2.0 */
/* te_table_copy with TE_MOVE for memmove: TE_TABLE_COPY is the kernel's name, TE_UNIT a type of what
 * it counts in; included once for each. */
#include "kernels/table_copy.h"

TE_KERNEL te_table_copy_fn TE_TABLE_COPY;

TE_KERNEL void TE_TABLE_COPY(const te_table_copy *restrict p, const void *in, const int32_t *offsets,
                             void *out) {
    const int32_t *second = offsets + p->count[0];
    const int32_t *third = second + p->count[1];
    const int32_t *fourth = third + p->count[2];
    const TE_UNIT *source = in;
    TE_UNIT *target = out;
    int32_t next = 0;
    for (int32_t i = 0; i < p->count[0]; i++) {
        for (int32_t j = 0; j < p->count[1]; j++) {
            for (int32_t k = 0; k < p->count[2]; k++) {
                const int32_t start = offsets[i] + second[j] + third[k];
                for (int32_t l = 0; l < p->count[3]; l++) {
                    const int32_t listed = start + fourth[l];
                    TE_MOVE(target + (p->scatter ? listed : next), source + (p->scatter ? next : listed),
                            (size_t)p->block * sizeof *source);
                    next += p->block;
                }
            }
        }
    }
}

#undef TE_TABLE_COPY
#undef TE_MOVE
#undef TE_UNIT
