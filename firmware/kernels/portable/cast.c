/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/cast.h"

TE_KERNEL te_cast_fn te_cast_portable;

TE_KERNEL void te_cast_portable(const te_cast *restrict p, const void *in, void *out) {
    const uint8_t *source = in;
    uint8_t *target = out;
    for (int32_t i = 0; i < p->size; i++) {
        uint32_t words[2] = {0, 0};
        memcpy(words, source, (size_t)p->in_width);
        if (p->in_signed && p->in_width < 8) {
            const int32_t unused = 32 - 8 * te_min(p->in_width, 4);
            const int32_t value = (int32_t)(words[0] << unused) >> unused;
            words[0] = (uint32_t)value;
            words[1] = (uint32_t)(value >> 31);
        }
        if (p->truth)
            words[0] = (words[0] | words[1]) != 0;
        memcpy(target, words, (size_t)p->out_width);
        source += p->in_width;
        target += p->out_width;
    }
}
