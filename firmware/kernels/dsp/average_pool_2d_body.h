/* SPDX-License-Identifier: Apache-2.0 */
/* te_average_pool_2d for any width of element, a word of channels at a time: TE_ELEMENT is its type,
 * TE_TYPED(name, end) is name_s8end or name_s16end, TE_SUM(x, p, height, width, sums) adds up words; included
 * once for each. */
#include "kernels/average.h"
#include "kernels/dsp/halves.h"
#include "kernels/pool_2d.h"
#include "kernels/unrolled.h"

/* Of `taps` elements, within the limits. */
static inline __attribute__((always_inline)) TE_ELEMENT TE_TYPED(te_average_pool_2d,
                                                                 _round)(const te_pool_2d *p, int32_t sum,
                                                                         int32_t taps) {
    enum { HIGH = (1 << (8 * sizeof(TE_ELEMENT) - 1)) - 1 };
    int32_t average = te_average(sum, taps);
    average = p->out_min > -HIGH - 1 ? te_max(average, p->out_min) : average;
    return (TE_ELEMENT)(p->out_max < HIGH ? te_min(average, p->out_max) : average);
}

/* One output pixel, of whose window `height` rows and `width` columns from x on are inside. */
static inline __attribute__((always_inline)) void
TE_TYPED(te_average_pool_2d, _pixel)(const te_pool_2d *p, const TE_ELEMENT *x, int32_t height, int32_t width,
                                     TE_ELEMENT *out) {
    enum { PLACES = sizeof(uint32_t) / sizeof(TE_ELEMENT) };
    const int32_t pitch = p->in_width * p->channels, taps = height * width;
    const TE_ELEMENT *const end = out + p->channels;
    TE_ROLLED
    for (; end - out >= PLACES; out += PLACES, x += PLACES) {
        int32_t sums[PLACES];
        TE_SUM(p, x, pitch, height, width, sums);
        TE_UNROLLED
        for (int32_t i = 0; i < PLACES; i++)
            out[i] = TE_TYPED(te_average_pool_2d, _round)(p, sums[i], taps);
    }
    TE_ROLLED
    for (; out < end; out++, x++) {
        int32_t sum = 0;
        TE_ROLLED
        for (int32_t ky = 0; ky < height; ky++)
            for (int32_t kx = 0; kx < width; kx++)
                sum += x[ky * pitch + kx * p->channels];
        *out = TE_TYPED(te_average_pool_2d, _round)(p, sum, taps);
    }
}

TE_KERNEL TE_TYPED(te_average_pool_2d, _fn) TE_TYPED(te_average_pool_2d, _dsp);

#define TE_POOL_2D TE_TYPED(te_average_pool_2d, _dsp)
#define TE_PIXEL TE_TYPED(te_average_pool_2d, _pixel)
#include "kernels/pool_2d_pixels.h"

#undef TE_TYPED
#undef TE_SUM
