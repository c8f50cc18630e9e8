/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/signal_rfft.h"

TE_KERNEL te_signal_rfft_fn te_signal_rfft_portable;

TE_KERNEL void te_signal_rfft_portable(const te_signal_rfft *restrict p, const int16_t *in,
                                       const uint16_t *order, const int16_t *root, const int16_t *unfold,
                                       void *scratch, int16_t *out) {
    const te_fft fft = {p->points, order, (const te_complex *)(const void *)root,
                        (const te_complex *)(const void *)unfold};
    te_complex *work = scratch;
    int16_t *samples = (int16_t *)(void *)(work + p->points);
    memset(samples, 0, (size_t)(2 * p->points) * sizeof *samples);
    for (int32_t frame = 0; frame < p->frames; frame++) {
        memcpy(samples, in, (size_t)p->size * sizeof *samples);
        te_fft_real(&fft, samples, work, (te_complex *)(void *)out);
        in += p->size;
        out += 2 * (p->points + 1);
    }
}
