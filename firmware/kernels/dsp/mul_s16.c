/* SPDX-License-Identifier: Apache-2.0 */
/* Zero points are 0. */
#include "kernels/dsp/halves.h"
#include "kernels/mul.h"
#include "kernels/unrolled.h"

/* As te_halves_scale, of a product that may not fit 32 bits when doubled: the multiplier is, less 2^32, and the
   product is added instead. */
static inline __attribute__((always_inline)) int16_t te_mul_s16_dsp_scale(const te_mul *p, int32_t product) {
    const int32_t right = -p->shift, twice = (int32_t)((uint32_t)p->multiplier * 2);
    const int32_t added = product + (INT32_C(1) << (right - 1));
    const int32_t high = te_halves_add_product(added, product, twice) + (product >> 31);
    return te_halves_limit_s16(high >> right, p->out_min, p->out_max);
}

static inline __attribute__((always_inline)) void te_mul_s16_dsp_two(const te_mul *p, uint32_t u, uint32_t v,
                                                                     int16_t *out) {
    out[0] = te_mul_s16_dsp_scale(p, te_halves_low(u) * te_halves_low(v));
    out[1] = te_mul_s16_dsp_scale(p, te_halves_high(u) * te_halves_high(v));
}

TE_KERNEL te_mul_s16_fn te_mul_s16_dsp;

#define TE_BINARY te_mul_s16_dsp
#define TE_PARAMETERS te_mul
#define TE_LEFT int16_t
#define TE_RIGHT int16_t
#define TE_RESULT int16_t
#define TE_GIVEN(type) type
#define TE_COMBINE te_mul_s16_dsp_two
#include "kernels/dsp/binary_body.h"
