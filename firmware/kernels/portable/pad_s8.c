/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/pad.h"

TE_KERNEL te_pad_s8_fn te_pad_s8_portable;

static inline int8_t *te_pad_fill_s8(int8_t *out, int32_t value, int32_t count) {
    memset(out, value, (size_t)count);
    return out + count;
}

TE_KERNEL void te_pad_s8_portable(const te_pad *restrict p, const int8_t *in, int8_t *out) {
    enum { LAST = TE_PAD_DIMENSIONS - 1 };
    const int32_t size = p->size[LAST];
    int32_t at[LAST] = {0};
    do {
        out = te_pad_fill_s8(out, p->value, p->before[LAST]);
        if (te_pad_row_inside(p, at)) {
            memmove(out, in, (size_t)size);
            in += size;
            out += size;
        } else {
            out = te_pad_fill_s8(out, p->value, size);
        }
        out = te_pad_fill_s8(out, p->value, p->after[LAST]);
    } while (te_pad_next_row(p, at));
}
