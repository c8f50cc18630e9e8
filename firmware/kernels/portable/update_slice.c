/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/update_slice.h"

TE_KERNEL te_update_slice_fn te_update_slice_portable;

TE_KERNEL void te_update_slice_portable(const te_update_slice *restrict p, const void *in, const void *block,
                                        const void *start, void *out) {
    const int32_t *places = start;
    const uint8_t *source = block;
    uint8_t *target = out;
    memmove(out, in, (size_t)p->size);
    for (int32_t c = 0; c < TE_UPDATE_SLICE_DIMENSIONS; c++) {
        if (p->last[c] > 0)
            target += te_clamp(places[c * p->words], 0, p->last[c]) * p->pitch[c];
    }
    for (int32_t i = 0; i < p->rows; i++) {
        int32_t rest = i, at = 0;
        for (int32_t c = TE_UPDATE_SLICE_DIMENSIONS - 1; c >= 0; c--) {
            at += rest % p->count[c] * p->pitch[c];
            rest /= p->count[c];
        }
        memcpy(target + at, source, (size_t)p->row);
        source += p->row;
    }
}
