/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/biquad.h"
#include "kernels/unrolled.h"

enum { TE_BIQUAD_ROWS = 32 }; /* that pass one section before the next */

/* values [rows]: what enters a section becomes what leaves it. entering, leaving: its last two before. */
static inline void te_biquad_section(const int32_t *c, int32_t rows, int32_t *entering,
                                     const int32_t *leaving, int32_t *values) {
    int32_t b0 = c[0], b1 = c[1], b2 = c[2], a1 = -c[3], a2 = -c[4];
    int32_t x1 = entering[0], x2 = entering[1], y1 = leaving[0], y2 = leaving[1];
    /* Products with constants of 64 bits cost more than those with registers. */
    TE_NOW(b0);
    TE_NOW(b1);
    TE_NOW(b2);
    TE_NOW(a1);
    TE_NOW(a2);
    for (int32_t i = 0; i < rows; i++) {
        const int32_t x = values[i];
        int64_t sum = INT64_C(1) << (TE_BIQUAD_FRACTION - 1);
        sum += te_product(b0, x) + te_product(b1, x1) + te_product(b2, x2);
        sum += te_product(a1, y1) + te_product(a2, y2);
        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = values[i] = (int32_t)(sum >> TE_BIQUAD_FRACTION);
    }
    entering[0] = x1;
    entering[1] = x2;
}

TE_KERNEL te_biquad_s16_fn te_biquad_s16_portable;

TE_KERNEL void te_biquad_s16_portable(const te_biquad *restrict p, const int16_t *in,
                                      const int32_t *coefficients, int32_t *delays, int16_t *out) {
    int32_t values[TE_BIQUAD_ROWS];
    for (int32_t channel = 0; channel < p->channels; channel++, delays += 2 * (p->sections + 1)) {
        for (int32_t first = 0; first < p->rows; first += TE_BIQUAD_ROWS) {
            const int32_t rows = te_min(TE_BIQUAD_ROWS, p->rows - first), at = first * p->channels + channel;
            int32_t *leaving = delays + 2 * p->sections;
            for (int32_t i = 0; i < rows; i++)
                values[i] = in[at + i * p->channels] * (1 << p->extra);
            for (int32_t section = 0; section < p->sections; section++)
                te_biquad_section(coefficients + 5 * section, rows, delays + 2 * section,
                                  delays + 2 * section + 2, values);
            leaving[1] = rows > 1 ? values[rows - 2] : leaving[0];
            leaving[0] = values[rows - 1];
            for (int32_t i = 0; i < rows; i++) {
                const int32_t rounded = (values[i] + (1 << (p->extra - 1))) >> p->extra;
                out[at + i * p->channels] = (int16_t)te_clamp(rounded, INT16_MIN, INT16_MAX);
            }
        }
    }
}
