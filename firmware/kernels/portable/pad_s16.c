/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/pad.h"

TE_KERNEL te_pad_s16_fn te_pad_s16_portable;

static inline int16_t *te_pad_fill_s16(int16_t *out, int32_t value, int32_t count) {
    for (; count > 0; count--)
        *out++ = (int16_t)value;
    return out;
}

TE_KERNEL void te_pad_s16_portable(const te_pad *restrict p, const int16_t *in, int16_t *out) {
    enum { LAST = TE_PAD_DIMENSIONS - 1 };
    const int32_t size = p->size[LAST];
    int32_t at[LAST] = {0};
    do {
        out = te_pad_fill_s16(out, p->value, p->before[LAST]);
        if (te_pad_row_inside(p, at)) {
            memmove(out, in, (size_t)size * sizeof *in);
            in += size;
            out += size;
        } else {
            out = te_pad_fill_s16(out, p->value, size);
        }
        out = te_pad_fill_s16(out, p->value, p->after[LAST]);
    } while (te_pad_next_row(p, at));
}
