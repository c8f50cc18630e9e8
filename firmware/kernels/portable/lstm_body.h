/* SPDX-License-Identifier: Apache-2.0 */
/* te_lstm, cell by cell: TE_LSTM is the kernel's name, TE_LSTM_DOTS is te_dots_s8 of four rows,
 * TE_LSTM_SCALE is te_requantize, TE_LSTM_DIVIDE te_divide_by_power. */
#include "kernels/gates.h"
#include "kernels/lstm.h"

/* What a gate is told, Q3.12, by the sums of input and state. */
static inline int32_t te_lstm_gate(const te_lstm *p, int32_t gate, int32_t fed, int32_t kept) {
    const int32_t first = te_gate_saturate(TE_LSTM_SCALE(fed, p->in_multiplier[gate], p->in_shift[gate]));
    return te_gate_saturate(first + TE_LSTM_SCALE(kept, p->state_multiplier[gate], p->state_shift[gate]));
}

/* One step of one batch; leaves the new state in out only. */
static inline void te_lstm_step(const te_lstm *p, const int8_t *in, const int8_t *weights,
                                const int8_t *recurrent, const int32_t *bias, const int32_t *state_bias,
                                const int8_t *state, int16_t *memory, int8_t *out) {
    for (int32_t cell = 0; cell < p->cells; cell++) {
        int32_t gates[4], fed[4], kept[4];
        TE_LSTM_DOTS(in, weights + cell * p->inputs, p->cells * p->inputs, 4, p->inputs, fed);
        TE_LSTM_DOTS(state, recurrent + cell * p->cells, p->cells * p->cells, 4, p->cells, kept);
        for (int32_t gate = 0; gate < 4; gate++) {
            const int32_t row = gate * p->cells + cell;
            gates[gate] = te_lstm_gate(p, gate, bias[row] + fed[gate], state_bias[row] + kept[gate]);
        }
        const int32_t fresh = te_gate_sigmoid(gates[0]) * te_gate_tanh(gates[2], 3);
        const int32_t old = te_gate_sigmoid(gates[1]) * memory[cell];
        int32_t value = te_gate_saturate(TE_LSTM_DIVIDE(old, 15) + TE_LSTM_DIVIDE(fresh, 15 + p->cell_whole));
        if (p->clip > 0)
            value = te_clamp(value, -p->clip, p->clip);
        memory[cell] = (int16_t)value;
        const int32_t hidden = te_gate_sigmoid(gates[3]) * te_gate_tanh(value, p->cell_whole);
        const int32_t scaled = TE_LSTM_SCALE(hidden, p->out_multiplier, p->out_shift);
        out[cell] = (int8_t)te_clamp(scaled + p->out_zero_point, -128, 127);
    }
}

TE_KERNEL te_lstm_s8_fn TE_LSTM;

TE_KERNEL void TE_LSTM(const te_lstm *restrict p, const int8_t *in, const int8_t *weights,
                       const int8_t *recurrent, const int32_t *bias, const int32_t *state_bias, void *state,
                       void *memory, int8_t *out) {
    int8_t *kept = state;
    int16_t *cells = memory;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t step = 0; step < p->steps; step++) {
            int8_t *result = out + batch * p->out_batch + step * p->out_step;
            te_lstm_step(p, in + batch * p->in_batch + step * p->in_step, weights, recurrent, bias,
                         state_bias, kept, cells, result);
            memcpy(kept, result, (size_t)p->cells);
        }
        kept += p->cells;
        cells += p->cells;
    }
}
