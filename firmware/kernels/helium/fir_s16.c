/* SPDX-License-Identifier: Apache-2.0 */
/* Eight taps at a time, of four rows of a channel. */
#include "kernels/fir.h"
#include "kernels/helium/rows.h"

enum { TE_FIR_ROWS = 4 };

/* Outputs of `rows` neighbouring rows of a channel. */
static inline void te_fir_s16_helium_rows(const te_fir *p, const int16_t *in, const int16_t *coefficients,
                                          int16_t *out, int32_t rows) {
    const int32_t step = p->stride * p->channels;
    int64_t sums[TE_FIR_ROWS];
    for (int32_t row = 0; row < rows; row++)
        sums[row] = te_fir_half(p);
    int32_t i = 0;
    for (; i + 8 <= p->taps; i += 8) {
        const int16x8_t c = vldrhq_s16(coefficients + i);
        for (int32_t row = 0; row < rows; row++) {
            const int16_t *x = in + row * step + i * p->channels;
            sums[row] = vmlaldavaq_s16(sums[row], te_helium_rows(x, p->channels), c);
        }
    }
    if (i < p->taps) {
        const mve_pred16_t lanes = vctp16q((uint32_t)(p->taps - i));
        const int16x8_t c = vldrhq_z_s16(coefficients + i, lanes);
        for (int32_t row = 0; row < rows; row++) {
            const int16_t *x = in + row * step + i * p->channels;
            sums[row] = vmlaldavaq_s16(sums[row], te_helium_rows_of(x, p->channels, lanes), c);
        }
    }
    for (int32_t row = 0; row < rows; row++)
        out[row * p->channels] = te_fir_rounded(p, sums[row]);
}

TE_KERNEL te_fir_s16_fn te_fir_s16_helium;

TE_KERNEL void te_fir_s16_helium(const te_fir *restrict p, const int16_t *in, const int16_t *coefficients,
                                 int16_t *out) {
    const int32_t step = p->stride * p->channels;
    for (int32_t channel = 0; channel < p->channels; channel++, in++, out++) {
        int32_t row = 0;
        for (; row + TE_FIR_ROWS <= p->rows; row += TE_FIR_ROWS)
            te_fir_s16_helium_rows(p, in + row * step, coefficients, out + row * p->channels, TE_FIR_ROWS);
        for (; row < p->rows; row++)
            te_fir_s16_helium_rows(p, in + row * step, coefficients, out + row * p->channels, 1);
    }
}
