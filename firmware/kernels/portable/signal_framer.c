/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_framer.h"

TE_KERNEL te_signal_framer_fn te_signal_framer_portable;

TE_KERNEL void te_signal_framer_portable(const te_signal_framer *restrict p, const int16_t *in, int16_t *kept,
                                         int32_t *seen, int16_t *out, uint8_t *valid) {
    *valid = *seen >= p->warm_up;
    *seen = te_min(*seen + p->frames, p->warm_up);
    for (int32_t stream = 0; stream < p->streams; stream++, kept += p->held) {
        for (int32_t frame = 0; frame < p->frames; frame++, in += p->step, out += p->size) {
            const int32_t old = te_min(p->held, p->size);
            memcpy(out, kept, (size_t)old * sizeof *out);
            memcpy(out + old, in, (size_t)(p->size - old) * sizeof *out);
            const int32_t stays = te_max(p->held - p->step, 0);
            memmove(kept, kept + p->held - stays, (size_t)stays * sizeof *kept);
            const int32_t fresh = p->held - stays;
            memcpy(kept + stays, in + p->step - fresh, (size_t)fresh * sizeof *kept);
        }
    }
}
