/* SPDX-License-Identifier: Apache-2.0 */
/* te_reduce_extremum for any width of element: TE_ELEMENT is its type, TE_REDUCE_EXTREMUM the kernel's name;
 * included once for each. */
#include "kernels/reduce_extremum.h"

TE_KERNEL te_reduce_extremum_fn TE_REDUCE_EXTREMUM;

TE_KERNEL void TE_REDUCE_EXTREMUM(const te_reduce_extremum *p, const void *in, void *out) {
    const TE_ELEMENT *source = in;
    TE_ELEMENT *target = out;
    const int32_t row = p->size[4];
    const int32_t plane = p->size[2] * p->size[3] * row;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[2]; j++) {
            for (int32_t c = 0; c < row; c++) {
                const TE_ELEMENT *first = source + j * p->size[3] * row + c;
                TE_ELEMENT found = *first;
                for (int32_t k = 0; k < p->size[1]; k++) {
                    for (int32_t l = 0; l < p->size[3]; l++) {
                        const TE_ELEMENT value = first[k * plane + l * row];
                        if (p->largest ? value > found : value < found)
                            found = value;
                    }
                }
                *target++ = found;
            }
        }
        source += p->size[1] * plane;
    }
}

#undef TE_ELEMENT
#undef TE_REDUCE_EXTREMUM
