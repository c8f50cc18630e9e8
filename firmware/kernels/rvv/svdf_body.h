/* SPDX-License-Identifier: Apache-2.0 */
/* te_svdf for states of any width; lanes are units. TE_KEPT is the type of states and of weights over time, TE_LEAST and
 * TE_MOST its limits, TE_WEIGHTS(from, vl) loads some as 16 bits, TE_STATES(from, step, vl) the same of some that are
 * `step` bytes apart, TE_KEEP(to, step, v, vl) stores them so; TE_SVDF and TE_FRESH are the functions' names; included
 * once for each.
 *
 * Constants, from tinyedge/plan/layout/rvv.py: features [rank, inputs, units], feature_bias [rank, units],
 * time [rank, memory, units]. */
#include "kernels/rvv/lanes.h"
#include "kernels/svdf.h"

/* What a filter of each unit makes of `in`. */
static inline vint16m2_t TE_FRESH(const te_svdf *p, const int8_t *in, const int8_t *features,
                                  const int32_t *feature_bias, size_t vl) {
    vint32m4_t sum = __riscv_vle32_v_i32m4(feature_bias, vl);
    TE_TAPS
    for (int32_t i = 0; i < p->inputs; i++) {
        TE_FORGET(features);
        const vint16m2_t by = __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1(features, vl), vl);
        sum = __riscv_vwmacc_vx_i32m4(sum, in[i], by, vl);
        features += p->units;
    }
    sum = te_lanes_requantize(sum, p->feature_multiplier, p->feature_shift, vl);
    sum = te_lanes_clamp(sum, TE_LEAST, TE_MOST, vl);
    return __riscv_vncvt_x_x_w_i16m2(__riscv_vadd_vx_i32m4(sum, p->state_zero_point, vl), vl);
}

TE_KERNEL te_svdf_s8_fn TE_SVDF;

TE_KERNEL void TE_SVDF(const te_svdf *restrict p, const int8_t *in, const int8_t *features,
                       const int32_t *feature_bias, const void *time, const int32_t *bias, void *state,
                       int8_t *out) {
    const ptrdiff_t pitch = p->rank * p->memory * (int32_t)sizeof(TE_KEPT);
    const int32_t size = p->units * p->rank * p->memory;
    TE_KEPT *remembered = state;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        size_t vl;
        /* All memories at once: the last place of each takes the fresh. */
        memmove(remembered, remembered + 1, (size_t)(size - 1) * sizeof *remembered);
        TE_ROLLED
        for (int32_t unit = 0; unit < p->units; unit += (int32_t)vl) {
            vl = __riscv_vsetvl_e32m4((size_t)(p->units - unit));
            vint32m4_t sum = __riscv_vle32_v_i32m4(bias + unit, vl);
            TE_ROLLED
            for (int32_t r = 0; r < p->rank; r++) {
                TE_KEPT *memory = remembered + (unit * p->rank + r) * p->memory;
                const TE_KEPT *weights = (const TE_KEPT *)time + r * p->memory * p->units + unit;
                TE_KEEP(memory + p->memory - 1, pitch,
                        TE_FRESH(p, in, features + r * p->inputs * p->units + unit,
                                 feature_bias + r * p->units + unit, vl),
                        vl);
                TE_ROLLED
                for (int32_t t = 0; t < p->memory; t++) {
                    sum = __riscv_vwmacc_vv_i32m4(sum, TE_STATES(memory + t, pitch, vl),
                                                  TE_WEIGHTS(weights, vl), vl);
                    weights += p->units;
                }
            }
            sum = te_lanes_requantize(sum, p->multiplier, p->shift, vl);
            sum = __riscv_vadd_vx_i32m4(sum, p->out_zero_point, vl);
            te_lanes_store_s8(out + unit, te_lanes_clamp(sum, INT8_MIN, INT8_MAX, vl), vl);
        }
        remembered += size;
        in += p->inputs;
        out += p->units;
    }
}

#undef TE_KEPT
#undef TE_LEAST
#undef TE_MOST
#undef TE_WEIGHTS
#undef TE_STATES
#undef TE_KEEP
#undef TE_FRESH
#undef TE_SVDF
