/* SPDX-License-Identifier: Apache-2.0 */
/* te_average_pool_2d for any width of element, eight channels at a time: TE_ELEMENT is its type, TE_SUM that of
 * eight sums, TE_NONE sums of nothing, TE_TYPED(name, end) is name_s8end or name_s16end; included once for each,
 * behind what is done with sums: te_average_pool_2d_s8_reciprocal, _add and _store, or those of s16. */
#include "kernels/helium/pool_2d.h"

static inline void TE_TYPED(te_average_pool_2d, _pixel)(const te_pool_2d *p, const TE_ELEMENT *x,
                                                        int32_t height, int32_t width, TE_ELEMENT *out) {
    const int32_t taps = height * width;
    const uint32_t reciprocal = TE_TYPED(te_average_pool_2d, _reciprocal)((uint32_t)taps);
    TE_ROLLED
    for (int32_t channel = 0; channel < p->channels; channel += 8) {
        const mve_pred16_t lanes = vctp16q(p->channels % 8 == 0 ? 8 : (uint32_t)(p->channels - channel));
        TE_SUM sum = TE_NONE;
        const TE_ELEMENT *row = x + channel;
        for (int32_t ky = 0; ky < height; ky++) {
            const TE_ELEMENT *from = row;
            for (int32_t kx = 0; kx < width; kx++) {
                sum = TE_TYPED(te_average_pool_2d, _add)(sum, from, lanes);
                from += p->channels;
            }
            row += p->in_width * p->channels;
        }
        TE_TYPED(te_average_pool_2d, _store)(p, out + channel, sum, taps, reciprocal, lanes);
    }
}

TE_KERNEL TE_TYPED(te_average_pool_2d, _fn) TE_TYPED(te_average_pool_2d, _helium);

#define TE_POOL_2D TE_TYPED(te_average_pool_2d, _helium)
#define TE_PIXEL TE_TYPED(te_average_pool_2d, _pixel)
#include "kernels/pool_2d_pixels.h"

#undef TE_TYPED
#undef TE_SUM
#undef TE_NONE
