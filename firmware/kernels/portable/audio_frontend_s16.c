/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/audio_frontend.h"
#include "kernels/root.h"

/* Bits of a number: 0 of 0, 32 of 2^31. */
static inline int32_t te_frontend_bits(uint32_t value) {
    int32_t bits = 0;
    for (int32_t step = 16; step > 0; step >>= 1) {
        if (value >> step != 0) {
            value >>= step;
            bits += step;
        }
    }
    return bits + (int32_t)value;
}

/* The square root to the nearest, but never beyond `most`. */
static inline uint32_t te_frontend_root(uint64_t value, uint32_t most) {
    const uint32_t root = te_root(&value);
    return root + (value > root && root < most);
}

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

/* The signal less the noise estimate, which follows it. */
static inline uint32_t te_frontend_denoise(const te_audio_frontend *p, uint32_t signal, uint32_t smoothing,
                                           int32_t *noise) {
    const uint32_t fine = signal << p->smoothing_bits;
    const uint64_t mixed = (uint64_t)fine * smoothing + (uint64_t)(uint32_t)*noise * ((1u << 14) - smoothing);
    const uint32_t estimate = (uint32_t)(mixed >> 14);
    *noise = (int32_t)estimate;
    const uint32_t rest = (fine - (estimate < fine ? estimate : fine)) >> p->smoothing_bits;
    const uint32_t least = (uint32_t)(((uint64_t)signal * (uint32_t)p->least_signal) >> 14);
    return rest > least ? rest : least;
}

/* The gain for a noise estimate: two numbers for 0 and 1, then for every power of two a quadratic curve of
   three coefficients and one that is not used, in the ten bits behind the first. */
static inline int32_t te_frontend_gain(uint32_t noise, const int16_t *gain) {
    if (noise <= 2)
        return gain[noise];
    const int32_t bits = te_frontend_bits(noise);
    const int16_t *curve = gain + 4 * bits - 6;
    const int32_t x = (int32_t)((bits < 11 ? noise << (11 - bits) : noise >> (bits - 11)) & 0x3FF);
    const int32_t slope = ((curve[2] * x) >> 5) + curve[1] * 32;
    return (int16_t)(((slope * x + (1 << 14)) >> 15) + curve[0]);
}

/* Soft beginning, then linear: a ratio with 12 fraction bits becomes one with 6. */
static inline uint32_t te_frontend_shrink(uint32_t ratio) {
    return ratio < (2u << 12) ? (ratio * ratio) >> 20 : (ratio >> 6) - (1u << 6);
}

/* The natural logarithm of value >= 2, with `bits` fraction bits. */
static inline uint32_t te_frontend_log(uint32_t value, const uint16_t *logarithm, int32_t bits) {
    const int32_t exponent = te_frontend_bits(value) - 1;
    const uint32_t rest = value - (1u << exponent);
    const int32_t fraction = (int32_t)(exponent < 16 ? rest << (16 - exponent) : rest >> (exponent - 16));
    const int32_t segment = fraction >> 9;
    const int32_t low = logarithm[segment], high = logarithm[segment + 1];
    const int32_t curved = ((high - low) * (fraction - (segment << 9))) >> 16;
    const uint32_t log2 = ((uint32_t)exponent << 16) + (uint32_t)(fraction + low + curved);
    const uint32_t natural = (uint32_t)((UINT64_C(45426) * log2 + (1u << 15)) >> 16); /* ln 2 * 2^16 */
    return ((natural << bits) + (1u << 15)) >> 16;
}

TE_KERNEL te_audio_frontend_s16_fn te_audio_frontend_s16_portable;

TE_KERNEL void te_audio_frontend_s16_portable(const te_audio_frontend *p, const int16_t *in,
                                              const int16_t *window, const uint16_t *order,
                                              const int16_t *root, const int16_t *unfold,
                                              const int16_t *widths, const uint16_t *weights,
                                              const int16_t *gain, const uint16_t *logarithm, int32_t *noise,
                                              int32_t *seen, void *scratch, int16_t *out) {
    const te_fft fft = {p->points, order, (const te_complex *)(const void *)root,
                        (const te_complex *)(const void *)unfold};
    uint64_t *sums = scratch;
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
            const uint64_t energy = sums[c + 1];
            const uint32_t most = energy >> 32 == 0 ? UINT16_MAX : UINT32_MAX;
            const uint32_t signal = te_frontend_root(energy, most) >> shift;
            const uint32_t clean = te_frontend_denoise(p, signal, (uint32_t)p->smoothing[c & 1], noise + c);
            const uint32_t factor = (uint32_t)te_frontend_gain((uint32_t)noise[c], gain);
            const uint32_t even = te_frontend_shrink((uint32_t)(((uint64_t)clean * factor) >> p->snr_shift));
            const uint32_t value = even << p->correction;
            const uint32_t log = value > 1 ? te_frontend_log(value, logarithm, p->scale_bits) : 0;
            out[c] = (int16_t)(log < INT16_MAX ? log : INT16_MAX);
        }
    }
}
