/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/halves.h"
#include "kernels/pool_2d.h"

static inline __attribute__((always_inline)) void te_average_pool_2d_sum_s16(const te_pool_2d *p,
                                                                             const int16_t *x, int32_t pitch,
                                                                             int32_t height, int32_t width,
                                                                             int32_t *sums) {
    sums[0] = sums[1] = 0;
    for (int32_t ky = 0; ky < height; ky++) {
        for (int32_t kx = 0; kx < width; kx++) {
            const uint32_t word = te_halves_word(x + ky * pitch + kx * p->channels);
            sums[0] += te_halves_low(word);
            sums[1] += te_halves_high(word);
        }
    }
}

#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_SUM te_average_pool_2d_sum_s16
#include "kernels/dsp/average_pool_2d_body.h"
