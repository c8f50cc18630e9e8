/* SPDX-License-Identifier: Apache-2.0 */
/* te_strided_copy for any width of element: TE_ELEMENT is a type of it, TE_STRIDED_COPY the kernel's name,
 * TE_MOVE what it has for memmove; included once for each. */
#include "kernels/strided_copy.h"

TE_KERNEL te_strided_copy_fn TE_STRIDED_COPY;

TE_KERNEL void TE_STRIDED_COPY(const te_strided_copy *p, const void *in, void *out) {
    enum { LAST = TE_STRIDED_COPY_DIMENSIONS - 1 };
    const TE_ELEMENT *from = in;
    TE_ELEMENT *to = out;
    const int32_t count = p->count[LAST];
    int32_t at[LAST] = {0};
    int32_t offset = p->start;
    do {
        if (p->step[LAST] == 1) {
            TE_MOVE(to, from + offset, (size_t)count * sizeof *from);
        } else {
            for (int32_t i = 0; i < count; i++)
                to[i] = from[offset + i * p->step[LAST]];
        }
        to += count;
    } while (te_strided_copy_next(p, at, &offset));
}

#undef TE_ELEMENT
#undef TE_STRIDED_COPY
#undef TE_MOVE
