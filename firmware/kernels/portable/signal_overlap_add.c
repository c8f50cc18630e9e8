/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_overlap_add.h"

TE_KERNEL te_signal_overlap_add_fn te_signal_overlap_add_portable;

TE_KERNEL void te_signal_overlap_add_portable(const te_signal_overlap_add *restrict p, const int16_t *in,
                                              int16_t *kept, int16_t *out) {
    for (int32_t stream = 0; stream < p->streams; stream++, kept += p->size) {
        for (int32_t frame = 0; frame < p->frames; frame++, in += p->size, out += p->step) {
            for (int32_t i = 0; i < p->size; i++)
                kept[i] = (int16_t)te_clamp(kept[i] + in[i], INT16_MIN, INT16_MAX);
            const int32_t stays = p->size - p->step;
            memcpy(out, kept, (size_t)p->step * sizeof *out);
            memmove(kept, kept + p->step, (size_t)stays * sizeof *kept);
            memset(kept + stays, 0, (size_t)p->step * sizeof *kept);
        }
    }
}
