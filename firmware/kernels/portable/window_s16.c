/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/window.h"

TE_KERNEL te_window_s16_fn te_window_s16_portable;

TE_KERNEL void te_window_s16_portable(const te_window *restrict p, const int16_t *in, int16_t *kept,
                                      int16_t *out) {
    memcpy(out, kept, (size_t)p->kept * sizeof *out);
    memcpy(out + p->kept, in, (size_t)p->fresh * sizeof *out);
    memcpy(kept, out + p->fresh, (size_t)p->kept * sizeof *out);
}
