/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/concatenation.h"

TE_KERNEL te_concatenation_fn te_concatenation_portable;

TE_KERNEL void te_concatenation_portable(const te_concatenation *restrict p, const void *in, void *out) {
    const uint8_t *source = in;
    uint8_t *target = out;
    for (int32_t row = 0; row < p->rows; row++)
        memcpy(target + row * p->stride + p->start, source + row * p->bytes, (size_t)p->bytes);
}
