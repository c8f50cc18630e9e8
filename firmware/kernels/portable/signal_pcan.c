/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_pcan.h"

TE_KERNEL te_signal_pcan_fn te_signal_pcan_portable;

TE_KERNEL void te_signal_pcan_portable(const te_signal_pcan *restrict p, const uint32_t *in,
                                       const uint32_t *noise, const int16_t *gain, uint32_t *out) {
    for (int32_t i = 0; i < p->channels; i++)
        out[i] = te_frontend_amplify(in[i], te_frontend_gain(noise[i], gain), p->shift);
}
