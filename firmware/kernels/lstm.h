/* SPDX-License-Identifier: Apache-2.0 */
/* A recurrent layer of long short-term memory. */
#ifndef TE_LSTM_H
#define TE_LSTM_H

#include "kernels/kernel.h"

typedef struct te_lstm {
    int32_t batches, steps, inputs, cells;
    /* Elements from one step to the next and from one batch to the next, of in and out. */
    int32_t in_step, in_batch, out_step, out_batch;
    /* Of the gates input, forget, cell and output: to the scale 2^-12. */
    int32_t in_multiplier[4], in_shift[4], state_multiplier[4], state_shift[4];
    int32_t cell_whole; /* bits of a cell before the point */
    int32_t clip;       /* largest size of a cell; 0: any */
    int32_t out_multiplier, out_shift, out_zero_point;
} te_lstm;

/* in holds vectors [inputs], out vectors [cells], for every step of every batch. weights [4, cells, inputs]
   and recurrent [4, cells, cells] belong to the gates in the order above; bias and state_bias [4, cells] have
   the zero points of in and state folded in. Multipliers and shifts are for te_requantize.

   state [batches, cells] is the last output, memory [batches, cells] the cells: both are read and left for
   the next run. Order: batches ascending, steps as `backwards` says; a step's inputs and the state are read
   before its outputs are written. No overlap. */
typedef void te_lstm_s8_fn(const te_lstm *p, const int8_t *in, const int8_t *weights, const int8_t *recurrent,
                           const int32_t *bias, const int32_t *state_bias, void *state, void *memory,
                           int8_t *out);

#endif
