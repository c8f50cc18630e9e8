/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/fill.h"

TE_KERNEL te_fill_fn te_fill_portable;

TE_KERNEL void te_fill_portable(const te_fill *restrict p, void *out) {
    if (p->width == 1) {
        memset(out, p->value, (size_t)p->size);
    } else if (p->width == 2) {
        int16_t *target = out;
        for (int32_t i = 0; i < p->size; i++)
            target[i] = (int16_t)p->value;
    } else {
        int32_t *target = out;
        for (int32_t i = 0; i < p->size; i++)
            target[i] = p->value;
    }
}
