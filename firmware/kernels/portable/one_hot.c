/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/one_hot.h"

TE_KERNEL te_one_hot_fn te_one_hot_portable;

TE_KERNEL void te_one_hot_portable(const te_one_hot *restrict p, const void *index, const void *on,
                                   const void *off, void *out) {
    const int32_t *indices = index;
    uint8_t *target = out;
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t k = 0; k < p->depth; k++) {
            for (int32_t j = 0; j < p->inner; j++) {
                const int32_t named = indices[(i * p->inner + j) * p->words];
                memcpy(target, named == k ? on : off, (size_t)p->width);
                target += p->width;
            }
        }
    }
}
