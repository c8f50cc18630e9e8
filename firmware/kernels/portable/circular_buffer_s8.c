/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/circular_buffer.h"

TE_KERNEL te_circular_buffer_s8_fn te_circular_buffer_s8_portable;

TE_KERNEL void te_circular_buffer_s8_portable(const te_circular_buffer *restrict p, const int8_t *in,
                                              int8_t *kept, int32_t *runs, int8_t *out, uint8_t *whole) {
    memcpy(out, kept, (size_t)p->kept);
    memcpy(out + p->kept, in, (size_t)p->size);
    memcpy(kept, out + p->size, (size_t)p->kept);
    ++*runs;
    *whole = *runs == p->cycles;
    if (*whole)
        *runs = 0;
}
