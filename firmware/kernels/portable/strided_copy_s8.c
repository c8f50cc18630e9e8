/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/strided_copy.h"

TE_KERNEL te_strided_copy_s8_fn te_strided_copy_s8_portable;

TE_KERNEL void te_strided_copy_s8_portable(const te_strided_copy *p, const int8_t *in, int8_t *out) {
    enum { LAST = TE_STRIDED_COPY_DIMENSIONS - 1 };
    const int32_t count = p->count[LAST];
    int32_t at[LAST] = {0};
    int32_t offset = p->start;
    do {
        if (p->step[LAST] == 1) {
            memmove(out, in + offset, (size_t)count);
        } else {
            for (int32_t i = 0; i < count; i++)
                out[i] = in[offset + i * p->step[LAST]];
        }
        out += count;
    } while (te_strided_copy_next(p, at, &offset));
}
