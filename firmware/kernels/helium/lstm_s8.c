/* SPDX-License-Identifier: Apache-2.0 */
/* Eight cells at a time. */
#include "kernels/helium/dense.h"
#include "kernels/helium/eight.h"
#include "kernels/helium/gates.h"
#include "kernels/lstm.h"

/* What is not a constant of the layer. */
typedef struct te_lstm_arrays {
    const int8_t *weights, *recurrent;
    const int32_t *bias, *state_bias;
} te_lstm_arrays;

/* What a gate is told of four cells from `cell` on by one of its two sources, scaled. Its rows lie as
   helium/dense.h says. */
static inline int32x4_t te_lstm_fours(const te_lstm *p, int32_t gate, int32_t cell, const int8_t *from,
                                      const int8_t *weights, const int32_t *bias, int32_t depth,
                                      int32_t multiplier, int32_t shift) {
    const int32_t row = gate * p->cells + cell;
    const int32x4_t sums = te_rows(from, weights + row * depth, bias + row, depth,
                                   p->cells % 4 == 0 ? 4 : te_min(p->cells - cell, 4));
    return te_requantize_all_x4(sums, multiplier, shift);
}

/* What a gate is told of cells `cell` to `cell` + 7, Q3.12, to `told`. */
static inline void te_lstm_gate_eight(const te_lstm *p, const te_lstm_arrays *arrays, int32_t gate,
                                      int32_t cell, const int8_t *in, const int8_t *state, int16_t *told) {
    for (int32_t i = 0; i < 8 && cell + i < p->cells; i += 4) {
        int32x4_t v = te_lstm_fours(p, gate, cell + i, in, arrays->weights, arrays->bias, p->inputs,
                                    p->in_multiplier[gate], p->in_shift[gate]);
        const int32x4_t kept = te_lstm_fours(p, gate, cell + i, state, arrays->recurrent, arrays->state_bias,
                                             p->cells, p->state_multiplier[gate], p->state_shift[gate]);
        v = vaddq_s32(vmovlbq_s16(vqmovnbq_s32(vuninitializedq_s16(), v)), kept);
        vstrhq_s32(told + i, vreinterpretq_s32_s16(vqmovnbq_s32(vuninitializedq_s16(), v)));
    }
}

/* te_divide_by_power of every lane, by 1 or more. */
static inline te_eight te_lstm_divide(te_eight v, int32_t exponent) {
    v.even = vrshlq_n_s32(vaddq_s32(v.even, vshrq_n_s32(v.even, 31)), -exponent);
    v.odd = vrshlq_n_s32(vaddq_s32(v.odd, vshrq_n_s32(v.odd, 31)), -exponent);
    return v;
}

/* One step of one batch; leaves the new state in out only. */
static inline void te_lstm_step_eight(const te_lstm *p, const te_lstm_arrays *arrays, const int8_t *in,
                                      const int8_t *state, int16_t *memory, int8_t *out) {
    TE_ROLLED
    for (int32_t cell = 0; cell < p->cells; cell += 8) {
        const mve_pred16_t lanes = vctp16q((uint32_t)(p->cells - cell));
        int16_t told[4][8];
        if (p->cells % 8 != 0)
            memset(told, 0, sizeof told);
        TE_UNROLLED /* so that shifts are constants */
            for (int32_t gate = 0; gate < 4; gate++)
                te_lstm_gate_eight(p, arrays, gate, cell, in, state, told[gate]);
        const int16x8_t fresh = te_gates_sigmoid(vldrhq_s16(told[0]));
        const te_eight added = te_lstm_divide(te_eight_product(fresh, te_gates_tanh(vldrhq_s16(told[2]), 3)),
                                              15 + p->cell_whole);
        const int16x8_t forget = te_gates_sigmoid(vldrhq_s16(told[1]));
        te_eight sum = te_lstm_divide(te_eight_product(forget, vldrhq_z_s16(memory + cell, lanes)), 15);
        sum.even = vaddq_s32(sum.even, added.even);
        sum.odd = vaddq_s32(sum.odd, added.odd);
        int16x8_t value = te_eight_narrow(sum);
        if (p->clip > 0)
            value = te_eight_clamp_s16(value, -p->clip, p->clip);
        vstrhq_p_s16(memory + cell, value, lanes);
        const int16x8_t open = te_gates_sigmoid(vldrhq_s16(told[3]));
        const te_eight hidden = te_eight_product(open, te_gates_tanh(value, p->cell_whole));
        int16x8_t result = te_eight_narrow(te_eight_requantize(hidden, p->out_multiplier, p->out_shift));
        result = vqaddq_n_s16(result, (int16_t)p->out_zero_point);
        vstrbq_p_s16(out + cell, te_eight_clamp_s8(result, INT8_MIN, INT8_MAX), lanes);
    }
}

TE_KERNEL te_lstm_s8_fn te_lstm_s8_helium;

TE_KERNEL void te_lstm_s8_helium(const te_lstm *restrict p, const int8_t *in, const int8_t *weights,
                                 const int8_t *recurrent, const int32_t *bias, const int32_t *state_bias,
                                 void *state, void *memory, int8_t *out) {
    const te_lstm_arrays arrays = {weights, recurrent, bias, state_bias};
    int8_t *kept = state;
    int16_t *cells = memory;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        TE_ROLLED
        for (int32_t step = 0; step < p->steps; step++) {
            int8_t *result = out + batch * p->out_batch + step * p->out_step;
            te_lstm_step_eight(p, &arrays, in + batch * p->in_batch + step * p->in_step, kept, cells, result);
            te_copy_s8(kept, result, p->cells);
        }
        kept += p->cells;
        cells += p->cells;
    }
}
