/* SPDX-License-Identifier: Apache-2.0 */
/* te_max_pool_2d for any width of element, a word of channels at a time: TE_ELEMENT is its type,
 * TE_TYPED(name, end) is name_s8end or name_s16end; included once for each. */
#include "kernels/dsp/halves.h"
#include "kernels/pool_2d.h"

/* One output pixel, of whose window `height` rows and `width` columns from x on are inside. */
static inline __attribute__((always_inline)) void
TE_TYPED(te_max_pool_2d, _pixel)(const te_pool_2d *p, const TE_ELEMENT *x, int32_t height, int32_t width,
                                 TE_ELEMENT *out) {
    enum { PLACES = sizeof(uint32_t) / sizeof(TE_ELEMENT), BITS = 8 * sizeof(TE_ELEMENT) };
    const uint32_t same = UINT32_MAX / ((1u << BITS) - 1), mask = (1u << BITS) - 1;
    const uint32_t least = ((uint32_t)p->out_min & mask) * same;
    const int32_t pitch = p->in_width * p->channels;
    const TE_ELEMENT *const end = out + p->channels;
    TE_ROLLED
    for (; end - out >= PLACES; out += PLACES, x += PLACES) {
        uint32_t most = least;
        for (int32_t ky = 0; ky < height; ky++)
            for (int32_t kx = 0; kx < width; kx++)
                most = TE_TYPED(te_halves_most, )(most, te_halves_word(x + ky * pitch + kx * p->channels));
        if (p->out_max < (1 << (BITS - 1)) - 1) { /* the least is what is left of the most complements */
            const uint32_t limit = ~(((uint32_t)p->out_max & mask) * same);
            most = ~TE_TYPED(te_halves_most, )(~most, limit);
        }
        memcpy(out, &most, sizeof most);
    }
    TE_ROLLED
    for (; out < end; out++, x++) {
        int32_t most = p->out_min;
        TE_ROLLED
        for (int32_t ky = 0; ky < height; ky++)
            for (int32_t kx = 0; kx < width; kx++)
                most = te_max(most, x[ky * pitch + kx * p->channels]);
        *out = (TE_ELEMENT)te_min(most, p->out_max);
    }
}

TE_KERNEL TE_TYPED(te_max_pool_2d, _fn) TE_TYPED(te_max_pool_2d, _dsp);

#define TE_POOL_2D TE_TYPED(te_max_pool_2d, _dsp)
#define TE_PIXEL TE_TYPED(te_max_pool_2d, _pixel)
#include "kernels/pool_2d_pixels.h"

#undef TE_TYPED
