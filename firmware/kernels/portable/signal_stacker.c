/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_stacker.h"

TE_KERNEL te_signal_stacker_fn te_signal_stacker_portable;

TE_KERNEL void te_signal_stacker_portable(const te_signal_stacker *restrict p, const int16_t *in,
                                          int16_t *kept, int32_t *seen, int16_t *out, uint8_t *valid) {
    const int32_t frames = p->left + p->right, size = p->channels;
    if (*seen == 0)
        for (int32_t frame = 0; frame < frames; frame++)
            memcpy(kept + frame * size, in, (size_t)size * sizeof *kept);
    memcpy(out, kept, (size_t)(frames * size) * sizeof *out);
    memcpy(out + frames * size, in, (size_t)size * sizeof *out);
    memcpy(kept, out + size, (size_t)(frames * size) * sizeof *kept);
    /* Counts to right + 1, and from there in circles of `step`. */
    ++*seen;
    *valid = *seen == p->right + 1;
    if (*seen == p->right + 1 + p->step) {
        *seen = p->right + 1;
        *valid = 1;
    }
}
