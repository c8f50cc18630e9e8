/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/audio_frontend.h"
#include "kernels/frontend.h"

/* Windows a frame into samples [2 * points], the rest zeros, as large as 16 bits allow; gives the bits that
   it was shifted up by. */
static inline int32_t te_frontend_window(const te_audio_frontend *p, const int16_t *in, const int16_t *window,
                                         int16_t *samples) {
    int32_t largest = 0;
    for (int32_t i = 0; i < p->size; i++) {
        samples[i] = (int16_t)((in[i] * window[i]) >> 12);
        /* -2^15 has no magnitude in 16 bits, and the reference lets it count for nothing. */
        const int32_t magnitude = samples[i] == INT16_MIN ? 0 : samples[i] < 0 ? -samples[i] : samples[i];
        largest = te_max(largest, magnitude);
    }
    const int32_t shift = 15 - te_frontend_bits((uint32_t)largest);
    for (int32_t i = 0; i < p->size; i++)
        samples[i] = (int16_t)(uint16_t)((uint32_t)(uint16_t)samples[i] << shift);
    memset(samples + p->size, 0, (size_t)(2 * p->points - p->size) * sizeof *samples);
    return shift;
}

/* Energy of every filter. A bin counts in its own with one weight and in the next with the other. */
static inline void te_frontend_filter(const te_audio_frontend *p, const te_complex *spectrum,
                                      const int16_t *widths, const uint16_t *weights, uint64_t *sums) {
    const te_complex *bin = spectrum + p->first_bin;
    uint64_t next = 0;
    for (int32_t channel = 0; channel <= p->channels; channel++) {
        uint64_t sum = next;
        next = 0;
        for (int32_t i = 0; i < widths[channel]; i++, bin++) {
            const uint64_t energy = (uint32_t)(bin->re * bin->re) + (uint32_t)(bin->im * bin->im);
            sum += energy * *weights++;
            next += energy * *weights++;
        }
        sums[channel] = sum;
    }
}

TE_KERNEL te_audio_frontend_s16_fn te_audio_frontend_s16_portable;

TE_KERNEL void te_audio_frontend_s16_portable(const te_audio_frontend *restrict p, const int16_t *in,
                                              const int16_t *window, const uint16_t *order,
                                              const int16_t *root, const int16_t *unfold,
                                              const int16_t *widths, const uint16_t *weights,
                                              const int16_t *gain, const uint16_t *logarithm, int32_t *noise,
                                              int32_t *seen, void *scratch, int16_t *out) {
    const te_fft fft = {p->points, order, (const te_complex *)(const void *)root,
                        (const te_complex *)(const void *)unfold};
    uint64_t *sums = (uint64_t *)(((uintptr_t)scratch + 7) & ~(uintptr_t)7);
    te_complex *work = (te_complex *)(void *)(sums + p->channels + 1);
    te_complex *spectrum = work + p->points;
    int16_t *samples = (int16_t *)(void *)(spectrum + p->points + 1);
    for (int32_t frame = 0; frame < p->frames; frame++, in += p->step, out += p->channels) {
        if (*seen < p->warm_up) {
            ++*seen;
            memset(out, 0, (size_t)p->channels * sizeof *out);
            continue;
        }
        const int32_t shift = te_frontend_window(p, in, window, samples);
        te_fft_real(&fft, samples, work, spectrum);
        te_frontend_filter(p, spectrum, widths, weights, sums);
        for (int32_t c = 0; c < p->channels; c++) {
            const uint32_t smoothing = (uint32_t)p->smoothing[c & 1];
            const te_denoise denoise = {smoothing, (1u << 14) - smoothing, (uint32_t)p->least_signal, 14,
                                        p->smoothing_bits};
            const uint32_t signal = te_frontend_root(sums[c + 1]) >> shift;
            uint32_t estimate = (uint32_t)noise[c];
            const uint32_t clean = te_frontend_denoise(&denoise, signal, 0, &estimate);
            noise[c] = (int32_t)estimate;
            const int32_t factor = te_frontend_gain(estimate, gain);
            const uint32_t even = te_frontend_amplify(clean, factor, p->snr_shift);
            out[c] = te_frontend_log(even << p->correction, logarithm, 1u << p->scale_bits);
        }
    }
}
