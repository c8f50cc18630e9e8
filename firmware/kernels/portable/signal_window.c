/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_window.h"

TE_KERNEL te_signal_window_fn te_signal_window_portable;

TE_KERNEL void te_signal_window_portable(const te_signal_window *restrict p, const int16_t *in,
                                         const int16_t *weights, int16_t *out) {
    for (int32_t frame = 0; frame < p->frames; frame++) {
        for (int32_t i = 0; i < p->size; i++) {
            const int32_t value = (*in++ * weights[i]) >> p->shift;
            *out++ = (int16_t)te_clamp(value, INT16_MIN, INT16_MAX);
        }
    }
}
