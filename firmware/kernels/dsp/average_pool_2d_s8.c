/* SPDX-License-Identifier: Apache-2.0 */
/* Of four channels two sums a word: as many taps as tinyedge/plan/layout/dsp.py allows fit 16 bits. */
#include "kernels/dsp/halves.h"
#include "kernels/pool_2d.h"

static inline __attribute__((always_inline)) void te_average_pool_2d_sum_s8(const te_pool_2d *p,
                                                                            const int8_t *x, int32_t pitch,
                                                                            int32_t height, int32_t width,
                                                                            int32_t *sums) {
    uint32_t even = 0, odd = 0;
    for (int32_t ky = 0; ky < height; ky++) {
        for (int32_t kx = 0; kx < width; kx++) {
            const uint32_t word = te_halves_word(x + ky * pitch + kx * p->channels);
            even = te_halves_add_even(even, word);
            odd = te_halves_add_even(odd, te_halves_turned(word));
        }
    }
    sums[0] = te_halves_low(even);
    sums[1] = te_halves_low(odd);
    sums[2] = te_halves_high(even);
    sums[3] = te_halves_high(odd);
}

#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_SUM te_average_pool_2d_sum_s8
#include "kernels/dsp/average_pool_2d_body.h"
