/* SPDX-License-Identifier: Apache-2.0 */
/* te_strided_copy for any width of element: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or
 * name_s16end; included once for each. */
#include "kernels/strided_copy.h"

TE_KERNEL TE_TYPED(te_strided_copy, _fn) TE_TYPED(te_strided_copy, _portable);

TE_KERNEL void TE_TYPED(te_strided_copy, _portable)(const te_strided_copy *p, const TE_ELEMENT *in,
                                                    TE_ELEMENT *out) {
    enum { LAST = TE_STRIDED_COPY_DIMENSIONS - 1 };
    const int32_t count = p->count[LAST];
    int32_t at[LAST] = {0};
    int32_t offset = p->start;
    do {
        if (p->step[LAST] == 1) {
            memmove(out, in + offset, (size_t)count * sizeof *in);
        } else {
            for (int32_t i = 0; i < count; i++)
                out[i] = in[offset + i * p->step[LAST]];
        }
        out += count;
    } while (te_strided_copy_next(p, at, &offset));
}

#undef TE_ELEMENT
#undef TE_TYPED
