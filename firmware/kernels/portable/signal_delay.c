/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_delay.h"

TE_KERNEL te_signal_delay_fn te_signal_delay_portable;

TE_KERNEL void te_signal_delay_portable(const te_signal_delay *restrict p, const int16_t *in, int16_t *kept,
                                        int16_t *out) {
    for (int32_t stream = 0; stream < p->streams; stream++) {
        const int32_t old = te_min(p->delay, p->size), stays = p->delay - old;
        memcpy(out, kept, (size_t)old * sizeof *out);
        memcpy(out + old, in, (size_t)(p->size - old) * sizeof *out);
        memmove(kept, kept + old, (size_t)stays * sizeof *kept);
        memcpy(kept + stays, in + p->size - old, (size_t)old * sizeof *kept);
        in += p->size;
        out += p->size;
        kept += p->delay;
    }
}
