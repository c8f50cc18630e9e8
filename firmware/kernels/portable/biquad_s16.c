/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/biquad.h"

static inline int32_t te_biquad_section(const int32_t *c, int32_t x, const int32_t *entering,
                                        const int32_t *leaving) {
    int64_t sum = INT64_C(1) << (TE_BIQUAD_FRACTION - 1);
    sum += te_product(c[0], x) + te_product(c[1], entering[0]) + te_product(c[2], entering[1]);
    sum -= te_product(c[3], leaving[0]) + te_product(c[4], leaving[1]);
    return (int32_t)(sum >> TE_BIQUAD_FRACTION);
}

TE_KERNEL te_biquad_s16_fn te_biquad_s16_portable;

TE_KERNEL void te_biquad_s16_portable(const te_biquad *restrict p, const int16_t *in,
                                      const int32_t *coefficients, int32_t *delays, int16_t *out) {
    for (int32_t channel = 0; channel < p->channels; channel++) {
        for (int32_t row = 0; row < p->rows; row++) {
            int32_t value = in[row * p->channels + channel] * (1 << p->extra);
            int32_t *at = delays;
            for (int32_t section = 0; section < p->sections; section++) {
                const int32_t next = te_biquad_section(coefficients + 5 * section, value, at, at + 2);
                at[1] = at[0];
                at[0] = value;
                value = next;
                at += 2;
            }
            at[1] = at[0];
            at[0] = value;
            const int32_t rounded = (value + (1 << (p->extra - 1))) >> p->extra;
            out[row * p->channels + channel] = (int16_t)te_clamp(rounded, INT16_MIN, INT16_MAX);
        }
        delays += 2 * (p->sections + 1);
    }
}
