/* SPDX-License-Identifier: Apache-2.0 */
/* A vector of cells at a time. Weights, from tinyedge/plan/layout/rvv.py, are [4, inputs, cells] and [4, cells,
   cells], the last dimension of the cells whose gates they are. */
#include "kernels/lstm.h"
#include "kernels/rvv/gates.h"
#include "kernels/rvv/lanes.h"

/* What is not a constant of the layer. */
typedef struct te_lstm_arrays {
    const int8_t *weights, *recurrent;
    const int32_t *bias, *state_bias;
} te_lstm_arrays;

/* Sums of cells from `sum` on, `depth` inputs each. */
static inline vint32m4_t te_lstm_sums(const int8_t *in, const int8_t *weights, const int32_t *bias,
                                      int32_t depth, int32_t cells, size_t vl) {
    vint32m4_t sum = __riscv_vle32_v_i32m4(bias, vl);
    TE_TAPS
    for (int32_t i = 0; i < depth; i++) {
        const vint16m2_t w = __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1(weights, vl), vl);
        sum = __riscv_vwmacc_vx_i32m4(sum, in[i], w, vl);
        weights += cells;
    }
    return sum;
}

/* What a gate is told of cells from `cell` on, Q3.12. */
static inline vint16m2_t te_lstm_told(const te_lstm *p, const te_lstm_arrays *arrays, int32_t gate,
                                      int32_t cell, const int8_t *in, const int8_t *state, size_t vl) {
    const int32_t at = gate * p->cells + cell;
    vint32m4_t fed = te_lstm_sums(in, arrays->weights + gate * p->inputs * p->cells + cell, arrays->bias + at,
                                  p->inputs, p->cells, vl);
    fed = te_lanes_requantize(fed, p->in_multiplier[gate], p->in_shift[gate], vl);
    fed = te_lanes_clamp(fed, INT16_MIN, INT16_MAX, vl);
    vint32m4_t kept = te_lstm_sums(state, arrays->recurrent + gate * p->cells * p->cells + cell,
                                   arrays->state_bias + at, p->cells, p->cells, vl);
    kept = te_lanes_requantize(kept, p->state_multiplier[gate], p->state_shift[gate], vl);
    return __riscv_vnclip_wx_i16m2(__riscv_vadd_vv_i32m4(fed, kept, vl), 0, __RISCV_VXRM_RNU, vl);
}

/* a * b / 2^exponent, ties away from zero. */
static inline vint32m4_t te_lstm_product(vint16m2_t a, vint16m2_t b, int32_t exponent, size_t vl) {
    vint32m4_t v = __riscv_vwmul_vv_i32m4(a, b, vl);
    v = __riscv_vadd_vv_i32m4(v, __riscv_vsra_vx_i32m4(v, 31, vl), vl);
    return __riscv_vssra_vx_i32m4(v, (size_t)exponent, __RISCV_VXRM_RNU, vl);
}

/* One step of one batch; leaves the new state in out only. */
static inline void te_lstm_step_lanes(const te_lstm *p, const te_lstm_arrays *arrays, const int8_t *in,
                                      const int8_t *state, int16_t *memory, int8_t *out) {
    int32_t cell = 0;
    TE_ROLLED
    while (cell < p->cells) {
        const size_t vl = __riscv_vsetvl_e32m4((size_t)(p->cells - cell));
        const vint16m2_t fresh = te_gates_sigmoid(te_lstm_told(p, arrays, 0, cell, in, state, vl), vl);
        const vint16m2_t now = te_gates_tanh(te_lstm_told(p, arrays, 2, cell, in, state, vl), 3, vl);
        vint32m4_t sum = te_lstm_product(fresh, now, 15 + p->cell_whole, vl);
        const vint16m2_t keep = te_gates_sigmoid(te_lstm_told(p, arrays, 1, cell, in, state, vl), vl);
        const vint16m2_t old = __riscv_vle16_v_i16m2(memory + cell, vl);
        sum = __riscv_vadd_vv_i32m4(sum, te_lstm_product(keep, old, 15, vl), vl);
        vint16m2_t value = __riscv_vnclip_wx_i16m2(sum, 0, __RISCV_VXRM_RNU, vl);
        if (p->clip > 0) {
            value = __riscv_vmax_vx_i16m2(value, (int16_t)-p->clip, vl);
            value = __riscv_vmin_vx_i16m2(value, (int16_t)p->clip, vl);
        }
        __riscv_vse16_v_i16m2(memory + cell, value, vl);
        const vint16m2_t open = te_gates_sigmoid(te_lstm_told(p, arrays, 3, cell, in, state, vl), vl);
        vint32m4_t hidden = __riscv_vwmul_vv_i32m4(open, te_gates_tanh(value, p->cell_whole, vl), vl);
        hidden = te_lanes_requantize(hidden, p->out_multiplier, p->out_shift, vl);
        hidden = __riscv_vadd_vx_i32m4(hidden, p->out_zero_point, vl);
        te_lanes_store_s8(out + cell, te_lanes_clamp(hidden, INT8_MIN, INT8_MAX, vl), vl);
        cell += (int32_t)vl;
    }
}

TE_KERNEL te_lstm_s8_fn te_lstm_s8_rvv;

TE_KERNEL void te_lstm_s8_rvv(const te_lstm *restrict p, const int8_t *in, const int8_t *weights,
                              const int8_t *recurrent, const int32_t *bias, const int32_t *state_bias,
                              void *state, void *memory, int8_t *out) {
    const te_lstm_arrays arrays = {weights, recurrent, bias, state_bias};
    int8_t *kept = state;
    int16_t *cells = memory;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        TE_ROLLED
        for (int32_t step = 0; step < p->steps; step++) {
            int8_t *result = out + batch * p->out_batch + step * p->out_step;
            te_lstm_step_lanes(p, &arrays, in + batch * p->in_batch + step * p->in_step, kept, cells, result);
            te_copy_s8(kept, result, p->cells);
        }
        kept += p->cells;
        cells += p->cells;
    }
}
