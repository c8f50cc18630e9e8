/* SPDX-License-Identifier: Apache-2.0 */
/* For cores with a fast 32-bit multiplication and no vectors: one multiplication by an input gives the
   products of two channels.

   A word of weights holds two inputs' weights a and b of two channels, each plus 128:
   a0 + b0 * 2^8 + a1 * 2^16 + b1 * 2^24. With `upper` its bytes 1 and 3, each brought to the byte below,
   word - 256 * upper is its bytes 0 and 2; so x * word + (y - 256 * x) * upper holds the two sums of
   a * x + b * y, 16 bits apart. What is too much by the 128s is the same for all channels, and is taken off
   with what a chunk of inputs begins with. Where the true sum of a chunk could exceed 16 bits, the layout
   (tinyedge/plan/layout/scalar_dense.py) takes the largest weight out and lists it apart.

   Weights are a stream. For every 32 channels: for every segment of 640 inputs (480 in chunks of 2): for
   every 8 of these channels (what remains goes by twos, and an odd last one with a twin of zeros): for every
   chunk (`chunk` inputs), for every 2 inputs of that, a word for every 2 channels; then the number of weights
   apart (u16) and two bytes of nothing; then for each its input (u16), its channel of these 8 (u8) and itself
   (s8). The twin has a bias, too. */
#include "kernels/requantize_dense.h"
#include "kernels/scalar/fully_connected.h"
#include "kernels/unrolled.h"

enum { TE_FULLY_CONNECTED_SCALAR_HALF = 0x8000 };

/* Inputs of a segment, filled up with zeros to whole chunks. Factors are for every chunk what its sums begin
   with, and for every two of its inputs y - 256 * x. */
typedef struct te_fully_connected_s8_scalar_segment {
    int32_t chunks;
    uint32_t factors[TE_FULLY_CONNECTED_SCALAR_SHORT];
    int8_t inputs[TE_FULLY_CONNECTED_SCALAR_SEGMENT];
} te_fully_connected_s8_scalar_segment;

/* Inputs of a segment but the last. */
static inline int32_t te_fully_connected_s8_scalar_most(const te_fully_connected_scalar *laid) {
    return laid->chunk == 2 ? TE_FULLY_CONNECTED_SCALAR_SHORT : TE_FULLY_CONNECTED_SCALAR_SEGMENT;
}

/* A weight apart; before the first, `input` is how many there are. */
typedef struct te_fully_connected_s8_scalar_apart {
    uint16_t input;
    uint8_t channel;
    int8_t weight;
} te_fully_connected_s8_scalar_apart;

static inline uint32_t te_fully_connected_s8_scalar_word(const int8_t *from) {
    uint32_t word;
    memcpy(&word, __builtin_assume_aligned(from, sizeof word), sizeof word);
    return word;
}

static inline void te_fully_connected_s8_scalar_prepare(const int8_t *in, int32_t count, int32_t chunk,
                                                        te_fully_connected_s8_scalar_segment *segment) {
    int8_t *to = segment->inputs;
    uint32_t *factor = segment->factors;
    segment->chunks = (count + chunk - 1) / chunk;
    for (int32_t first = 0; first < count; first += chunk) {
        uint32_t *start = factor++;
        int32_t sum = 0;
        for (int32_t i = first; i < first + chunk; i += 2) {
            const int32_t x = i < count ? in[i] : 0, y = i + 1 < count ? in[i + 1] : 0;
            *to++ = (int8_t)x;
            *to++ = (int8_t)y;
            *factor++ = (uint32_t)(y - x * 256);
            sum += x + y;
        }
        /* The 128s in both halves; a lower half that is not negative borrows nothing from the upper. */
        *start = TE_FULLY_CONNECTED_SCALAR_HALF - (uint32_t)sum * (128u * 0x10001u);
    }
}

/* The sums of a segment for `twos` pairs of channels, begun with `start`; gives the rest of the stream.

   What is summed up is the packed word and its upper half: the lower half follows in the end, modulo 2^32. */
static inline __attribute__((always_inline)) const int8_t *
te_fully_connected_s8_scalar_add(const te_fully_connected_s8_scalar_segment *segment, int32_t chunk,
                                 const int8_t *weights, int32_t twos, const int32_t *start, int32_t *sums) {
    uint32_t packed[TE_FULLY_CONNECTED_SCALAR_TWOS], high[TE_FULLY_CONNECTED_SCALAR_TWOS];
    TE_UNROLLED
    for (int32_t c = 0; c < twos; c++)
        packed[c] = high[c] = 0;
    const uint32_t *factor = segment->factors;
    const int8_t *x = segment->inputs, *end = x + segment->chunks * chunk;
    while (x != end) {
        uint32_t both[TE_FULLY_CONNECTED_SCALAR_TWOS];
        TE_UNROLLED
        for (int32_t c = 0; c < twos; c++)
            both[c] = *factor;
        factor++;
        for (int32_t i = 0; i < chunk; i += 2) {
            const uint32_t even = (uint32_t)*x, odd = *factor++;
            x += 2;
            TE_UNROLLED
            for (int32_t c = 0; c < twos; c++) {
                const uint32_t word = te_fully_connected_s8_scalar_word(weights);
                weights += sizeof word;
                both[c] += even * word;
                TE_NOW(both[c]);
                both[c] += odd * (word >> 8 & 0xFF00FF);
                TE_NOW(both[c]);
            }
        }
        TE_UNROLLED
        for (int32_t c = 0; c < twos; c++) {
            packed[c] += both[c];
            high[c] += (uint32_t)((int32_t)both[c] >> 16);
            TE_FINISH(packed[c], high[c]);
        }
    }
    const uint32_t halves = (uint32_t)segment->chunks * TE_FULLY_CONNECTED_SCALAR_HALF;
    TE_UNROLLED
    for (int32_t c = 0; c < twos; c++) {
        sums[2 * c] = start[2 * c] + (int32_t)(packed[c] - (high[c] << 16) - halves);
        sums[2 * c + 1] = start[2 * c + 1] + (int32_t)high[c];
    }
    const te_fully_connected_s8_scalar_apart *apart = (const void *)weights;
    const te_fully_connected_s8_scalar_apart *last = apart + apart->input;
    while (apart != last) {
        apart++;
        sums[apart->channel] += segment->inputs[apart->input] * apart->weight;
    }
    return (const int8_t *)(last + 1);
}

/* The outputs of up to 32 channels; gives the next block's weights. The only segment of a batch is prepared
   already. */
static inline __attribute__((always_inline)) const int8_t *
te_fully_connected_s8_scalar_block(const te_fully_connected *p, const te_fully_connected_scalar *laid,
                                   const int8_t *in, te_fully_connected_s8_scalar_segment *segment,
                                   const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                   const int8_t *shift, int32_t channel, int32_t count, int8_t *out) {
    enum { TWOS = TE_FULLY_CONNECTED_SCALAR_TWOS };
    const int32_t most = te_fully_connected_s8_scalar_most(laid);
    int32_t sums[TE_FULLY_CONNECTED_SCALAR_BLOCK];
    const int32_t *start = bias + channel;
    for (int32_t first = 0; first < p->depth; first += most) {
        if (p->depth > most)
            te_fully_connected_s8_scalar_prepare(in + first, te_min(p->depth - first, most), laid->chunk,
                                                 segment);
        int32_t c = 0;
        for (; c + 2 * TWOS <= count; c += 2 * TWOS)
            weights =
                te_fully_connected_s8_scalar_add(segment, laid->chunk, weights, TWOS, start + c, sums + c);
        for (; c < count; c += 2)
            weights = te_fully_connected_s8_scalar_add(segment, laid->chunk, weights, 1, start + c, sums + c);
        start = sums;
    }
    for (int32_t c = 0; c < count; c++)
        out[channel + c] = te_requantize_dense_s8(p, laid->fitted, laid->left, laid->right, sums[c],
                                                  multiplier, shift, channel + c);
    return weights;
}

TE_KERNEL te_fully_connected_s8_scalar_fn te_fully_connected_s8_scalar;

TE_KERNEL void te_fully_connected_s8_scalar(const te_fully_connected *restrict p,
                                            const te_fully_connected_scalar *restrict laid, const int8_t *in,
                                            const int8_t *weights, const int32_t *bias,
                                            const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    enum { BLOCK = TE_FULLY_CONNECTED_SCALAR_BLOCK };
    te_fully_connected_s8_scalar_segment segment;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights;
        if (p->depth <= te_fully_connected_s8_scalar_most(laid))
            te_fully_connected_s8_scalar_prepare(in, p->depth, laid->chunk, &segment);
        for (int32_t c = 0; c < p->channels; c += BLOCK)
            w = te_fully_connected_s8_scalar_block(p, laid, in, &segment, w, bias, multiplier, shift, c,
                                                   te_min(p->channels - c, BLOCK), out);
        in += p->depth;
        out += p->channels;
    }
}
