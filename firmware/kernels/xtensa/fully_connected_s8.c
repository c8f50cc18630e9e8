/* SPDX-License-Identifier: Apache-2.0 */
/* For Xtensa cores: as in scalar/, one multiplication by an input gives the products of two channels, with
   fewer channels at once, since registers are fewer, and with what an input is multiplied by prepared as
   words.

   The stream of weights is that of scalar/fully_connected_s8.c, with 4 channels at once where that has 8: a
   word holds two inputs' weights a and b of two channels, each plus 128, and x * word + (y - 256 * x) * upper
   holds the two sums of a * x + b * y, 16 bits apart. */
#include "kernels/lx.h"
#include "kernels/requantize_dense.h"
#include "kernels/unrolled.h"
#include "kernels/xtensa/fully_connected.h"

enum { TE_FULLY_CONNECTED_XTENSA_HALF = 0x8000 };

/* Inputs of a segment, filled up with zeros to whole chunks: for every chunk what its sums begin with, then
   for every two inputs x and y - 256 * x. */
typedef struct te_fully_connected_s8_xtensa_segment {
    int32_t chunks;
    uint32_t factors[TE_FULLY_CONNECTED_XTENSA_SEGMENT + TE_FULLY_CONNECTED_XTENSA_SEGMENT / 4];
} te_fully_connected_s8_xtensa_segment;

/* A weight apart; before the first, `input` is how many there are. */
typedef struct te_fully_connected_s8_xtensa_apart {
    uint16_t input;
    uint8_t channel;
    int8_t weight;
} te_fully_connected_s8_xtensa_apart;

static __attribute__((noinline)) void
te_fully_connected_s8_xtensa_prepare(const int8_t *in, int32_t count, int32_t chunk,
                                     te_fully_connected_s8_xtensa_segment *segment) {
    uint32_t *factor = segment->factors;
    segment->chunks = (count + chunk - 1) / chunk;
    for (int32_t first = 0; first < count; first += chunk) {
        uint32_t *start = factor++;
        int32_t sum = 0;
        for (int32_t i = first; i < first + chunk; i += 2) {
            const int32_t x = i < count ? te_lx_byte(in + i) : 0;
            const int32_t y = i + 1 < count ? te_lx_byte(in + i + 1) : 0;
            *factor++ = (uint32_t)x;
            *factor++ = (uint32_t)(y - x * 256);
            sum += x + y;
        }
        /* The 128s in both halves; a lower half that is not negative borrows nothing from the upper. */
        *start = TE_FULLY_CONNECTED_XTENSA_HALF - (uint32_t)sum * (128u * 0x10001u);
    }
}

/* Adds a segment to the sums of `twos` pairs of channels; gives the rest of the stream.

   What is summed up is the packed word and its upper half: the lower half follows in the end, modulo 2^32. */
static inline __attribute__((always_inline)) const int8_t *
te_fully_connected_s8_xtensa_add(const te_fully_connected_s8_xtensa_segment *segment, const int8_t *in,
                                 int32_t chunk, const int8_t *weights, int32_t twos, int32_t *sums) {
    uint32_t packed[TE_FULLY_CONNECTED_XTENSA_TWOS], high[TE_FULLY_CONNECTED_XTENSA_TWOS];
    TE_UNROLLED
    for (int32_t c = 0; c < twos; c++)
        packed[c] = high[c] = 0;
    const uint32_t *factor = segment->factors;
    const uint32_t *word = (const void *)weights; /* a block of the stream begins at a multiple of 4 bytes */
    for (int32_t left = segment->chunks; left > 0; left--) {
        uint32_t both[TE_FULLY_CONNECTED_XTENSA_TWOS];
        TE_UNROLLED
        for (int32_t c = 0; c < twos; c++)
            both[c] = *factor;
        factor++;
        const uint32_t *end = factor + chunk;
        while (factor != end) {
            const uint32_t even = factor[0], odd = factor[1];
            factor += 2;
            TE_UNROLLED
            for (int32_t c = 0; c < twos; c++) {
                const uint32_t four = word[c];
                both[c] += even * four;
                TE_NOW(both[c]);
                both[c] += odd * (four >> 8 & 0xFF00FF);
                TE_NOW(both[c]);
            }
            word += twos;
        }
        TE_UNROLLED
        for (int32_t c = 0; c < twos; c++) {
            packed[c] += both[c];
            high[c] += (uint32_t)((int32_t)both[c] >> 16);
            TE_FINISH(packed[c], high[c]);
        }
    }
    const uint32_t halves = (uint32_t)segment->chunks * TE_FULLY_CONNECTED_XTENSA_HALF;
    TE_UNROLLED
    for (int32_t c = 0; c < twos; c++) {
        sums[2 * c] += (int32_t)(packed[c] - (high[c] << 16) - halves);
        sums[2 * c + 1] += (int32_t)high[c];
    }
    const te_fully_connected_s8_xtensa_apart *apart = (const void *)word;
    const te_fully_connected_s8_xtensa_apart *last = apart + apart->input;
    while (apart != last) {
        apart++;
        sums[apart->channel] += te_lx_byte(in + apart->input) * te_lx_byte(&apart->weight);
    }
    return (const int8_t *)(last + 1);
}

/* All outputs of a batch. A function of its own: with the segment in its frame, what registers do not hold
   would lie too far from the stack pointer for one load. */
static __attribute__((noinline)) void
te_fully_connected_s8_xtensa_batch(const te_fully_connected *p, const te_fully_connected_xtensa *laid,
                                   const int8_t *in, te_fully_connected_s8_xtensa_segment *segment,
                                   const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                   const int8_t *shift, int8_t *out) {
    enum { BLOCK = TE_FULLY_CONNECTED_XTENSA_BLOCK, TWOS = TE_FULLY_CONNECTED_XTENSA_TWOS };
    const int32_t most =
        laid->chunk == 2 ? TE_FULLY_CONNECTED_XTENSA_SHORT : TE_FULLY_CONNECTED_XTENSA_SEGMENT;
    for (int32_t block = 0; block < p->channels; block += BLOCK) {
        const int32_t channels = te_min(p->channels - block, BLOCK);
        int32_t sums[BLOCK];
        sums[channels % BLOCK] = 0; /* the twin of an odd last one */
        for (int32_t c = 0; c < channels; c++)
            sums[c] = bias[block + c];
        for (int32_t first = 0; first < p->depth; first += most) {
            int32_t c = 0;
            /* Where there is but one segment, it stays prepared. */
            if (block == 0 || p->depth > most)
                te_fully_connected_s8_xtensa_prepare(in + first, te_min(p->depth - first, most), laid->chunk,
                                                     segment);
            for (; c + 2 * TWOS <= channels; c += 2 * TWOS)
                weights = te_fully_connected_s8_xtensa_add(segment, in + first, laid->chunk, weights, TWOS,
                                                           sums + c);
            for (; c < channels; c += 2)
                weights =
                    te_fully_connected_s8_xtensa_add(segment, in + first, laid->chunk, weights, 1, sums + c);
        }
        for (int32_t c = 0; c < channels; c++)
            out[block + c] = te_requantize_dense_s8(p, laid->fitted, laid->left, laid->right, sums[c],
                                                    multiplier, shift, block + c);
    }
}

TE_KERNEL te_fully_connected_s8_xtensa_fn te_fully_connected_s8_xtensa;

TE_KERNEL void te_fully_connected_s8_xtensa(const te_fully_connected *restrict p,
                                            const te_fully_connected_xtensa *restrict laid, const int8_t *in,
                                            const int8_t *weights, const int32_t *bias,
                                            const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    te_fully_connected_s8_xtensa_segment segment;
    for (int32_t batch = 0; batch < p->batches; batch++)
        te_fully_connected_s8_xtensa_batch(p, laid, in + batch * p->depth, &segment, weights, bias,
                                           multiplier, shift, out + batch * p->channels);
}
