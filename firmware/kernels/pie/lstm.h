/* SPDX-License-Identifier: Apache-2.0 */
/* What only the recurrent layer for the ESP32-S3's vectors needs to know; decided by tinyedge/plan/layout/pie_lstm.py.
 */
#ifndef TE_PIE_LSTM_H
#define TE_PIE_LSTM_H

#include "kernels/lstm.h"

/* Gates are in the order input, forget, output and cell, in the parameters, too. Weights are as dot.h has them, and
   biases two words, the second 0. `vectors` are those of gates.h for the sigmoid, for the hyperbolic tangent of a gate
   and for that of a cell, then 2^cell_whole and both limits of a cell, in 8 numbers each, and what product.h has from
   -2^15 on. In `window` lie a step's inputs, the state, the cells and four gates, of as many cells as whole vectors of
   bytes have. */
typedef void te_lstm_s8_pie_fn(const te_lstm *p, const int8_t *in, const int8_t *weights,
                               const int8_t *recurrent, const int32_t *bias, const int32_t *state_bias,
                               void *state, void *memory, const int8_t *vectors, int8_t *out, int8_t *window);

#endif
