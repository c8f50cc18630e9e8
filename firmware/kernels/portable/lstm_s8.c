/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dot.h"

#define TE_LSTM te_lstm_s8_portable
#define TE_LSTM_DOTS te_dots_s8
#define TE_LSTM_SCALE te_requantize
#define TE_LSTM_DIVIDE te_divide_by_power
#include "kernels/portable/lstm_body.h"
