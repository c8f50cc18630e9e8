/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over a channel, eight rows at a time. */
#include "kernels/helium/rows.h"
#include "kernels/moments.h"

static inline te_moments te_statistics_s16_helium_pass(const te_statistics *p, const int16_t *in) {
    int64_t squares = 0;
    int32_t sum = 0, crossings = 0;
    int16_t low = INT16_MAX, high = INT16_MIN;
    for (int32_t row = 0; row < p->rows; row += 8) {
        const mve_pred16_t lanes = vctp16q((uint32_t)(p->rows - row));
        const int16x8_t x = te_helium_rows_of(in + row * p->channels, p->channels, lanes);
        sum = vaddvaq_s16(sum, x);
        squares = vmlaldavaq_s16(squares, x, x);
        low = vminvq_p_s16(low, x, lanes);
        high = vmaxvq_p_s16(high, x, lanes);
    }
    for (int32_t row = 1; row < p->rows; row += 8) {
        const mve_pred16_t lanes = vctp16q((uint32_t)(p->rows - row));
        const int16_t *at = in + row * p->channels;
        const int16x8_t now = te_helium_rows_of(at, p->channels, lanes);
        const int16x8_t before = te_helium_rows_of(at - p->channels, p->channels, lanes);
        crossings -= vaddvq_s16(vshrq_n_s16(veorq_s16(now, before), 15));
    }
    return (te_moments){squares, sum, low, high, crossings};
}

TE_KERNEL te_statistics_s16_fn te_statistics_s16_helium;

TE_KERNEL void te_statistics_s16_helium(const te_statistics *restrict p, const int16_t *in, int16_t *out) {
    for (int32_t channel = 0; channel < p->channels; channel++, in++, out += p->features) {
        const te_moments m = te_statistics_s16_helium_pass(p, in);
        te_statistics_write(p, &m, in, out);
    }
}
