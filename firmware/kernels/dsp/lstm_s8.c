/* SPDX-License-Identifier: Apache-2.0 */
/* Two products an instruction. Sums are small enough to be doubled, and what is divided to be rounded by an
   addition: tinyedge/plan/layout/dsp_products.py says so. */
#include "kernels/dsp/dot.h"

static inline __attribute__((always_inline)) int32_t te_lstm_s8_dsp_scale(int32_t value, int32_t multiplier,
                                                                          int32_t shift) {
    const int32_t right = te_max(-shift, 0), left = shift + right;
    return te_halves_scale((int32_t)((uint32_t)value << left << 1), multiplier, right, 0) >> right;
}

static inline __attribute__((always_inline)) int32_t te_lstm_s8_dsp_divide(int32_t value, int32_t exponent) {
    return (value + (value >> 31) + (INT32_C(1) << (exponent - 1))) >> exponent;
}

#define TE_LSTM te_lstm_s8_dsp
#define TE_LSTM_DOTS te_halves_dots_s8
#define TE_LSTM_SCALE te_lstm_s8_dsp_scale
#define TE_LSTM_DIVIDE te_lstm_s8_dsp_divide
#include "kernels/portable/lstm_body.h"
