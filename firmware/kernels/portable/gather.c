/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/gather.h"

TE_KERNEL te_gather_fn te_gather_portable;

TE_KERNEL void te_gather_portable(const te_gather *restrict p, const void *in, const void *index, void *out) {
    const uint8_t *source = in;
    const uint8_t *indices = index;
    uint8_t *target = out;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t part = 0; part < p->outer; part++) {
            const uint8_t *next = indices;
            for (int32_t i = 0; i < p->count; i++) {
                int32_t offset = 0;
                for (int32_t c = 0; c < p->coordinates; c++) {
                    int32_t at;
                    memcpy(&at, next, sizeof at);
                    offset += te_clamp(at, 0, p->size[c] - 1) * p->pitch[c];
                    next += 4 * p->words;
                }
                memcpy(target, source + offset, (size_t)p->block);
                target += p->block;
            }
            source += p->plane;
        }
        indices += 4 * p->words * p->count * p->coordinates;
    }
}
