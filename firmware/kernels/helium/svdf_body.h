/* SPDX-License-Identifier: Apache-2.0 */
/* te_svdf for states of any width, four filters at a time, whose features lie as helium/dense.h says: TE_KEPT is
 * the type of states and of weights over time, TE_LEAST and TE_MOST its limits, TE_LANES of them a TE_VECTOR;
 * TE_SOME, TE_MASKED_LOAD, TE_MASKED_STORE and TE_SUM are the intrinsics for that; TE_SVDF, TE_FRESH and
 * TE_REMEMBER the functions' names; included once for each. */
#include "kernels/helium/dense.h"
#include "kernels/helium/vector.h"
#include "kernels/svdf.h"

/* The filter's memory moves on by one, `fresh` the latest; the sum over time of what it then holds. */
static inline int32_t TE_REMEMBER(TE_KEPT *remembered, const TE_KEPT *weights, int32_t memory,
                                  int32_t fresh) {
    const TE_KEPT latest = (TE_KEPT)fresh;
    int32_t sum = latest * weights[memory - 1];
    for (int32_t t = 0; t < memory - 1; t += TE_LANES) {
        const mve_pred16_t lanes = TE_SOME(memory - 1 - t);
        const TE_VECTOR moved = TE_MASKED_LOAD(remembered + t + 1, lanes);
        sum = TE_SUM(sum, moved, TE_MASKED_LOAD(weights + t, lanes));
        TE_KEEP_STORED();
        TE_MASKED_STORE(remembered + t, moved, lanes);
    }
    TE_KEEP_STORED();
    remembered[memory - 1] = latest;
    return sum;
}

/* Of `count` filters from `filter` on, which are a four or less than one at the end, what they make of `in`. */
static inline int32x4_t TE_FRESH(const te_svdf *p, const int8_t *in, const int8_t *features,
                                 const int32_t *feature_bias, int32_t filter, int32_t count) {
    int32x4_t v = te_rows(in, features + filter * p->inputs, feature_bias + filter, p->inputs, count);
    v = te_requantize_all_x4(v, p->feature_multiplier, p->feature_shift);
    v = vminq_s32(vmaxq_s32(v, vdupq_n_s32(TE_LEAST)), vdupq_n_s32(TE_MOST));
    return vaddq_n_s32(v, p->state_zero_point);
}

TE_KERNEL te_svdf_s8_fn TE_SVDF;

TE_KERNEL void TE_SVDF(const te_svdf *restrict p, const int8_t *in, const int8_t *features,
                       const int32_t *feature_bias, const void *time, const int32_t *bias, void *state,
                       int8_t *out) {
    TE_KEPT *remembered = state;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const TE_KEPT *weights = time;
        TE_ROLLED
        for (int32_t unit = 0; unit < p->units; unit += 4) {
            const int32_t units = p->units % 4 == 0 ? 4 : te_min(p->units - unit, 4);
            const int32_t filters = units * p->rank;
            const mve_pred16_t lanes = vctp32q((uint32_t)units);
            int32_t totals[4], fresh[4];
            vstrwq_s32(totals, vldrwq_z_s32(bias + unit, lanes));
            for (int32_t first = 0; first < filters; first += 4) {
                const int32_t count = p->units % 4 == 0 ? 4 : te_min(filters - first, 4);
                vstrwq_s32(fresh, TE_FRESH(p, in, features, feature_bias, unit * p->rank + first, count));
                for (int32_t i = 0; i < count; i++) {
                    const uint32_t sum = (uint32_t)TE_REMEMBER(remembered, weights, p->memory, fresh[i]);
                    int32_t *total = &totals[(first + i) / p->rank];
                    *total = (int32_t)((uint32_t)*total + sum);
                    remembered += p->memory;
                    weights += p->memory;
                }
            }
            int32x4_t v = te_requantize_all_x4(vldrwq_s32(totals), p->multiplier, p->shift);
            v = vaddq_n_s32(v, p->out_zero_point);
            const int16x8_t narrow = vqmovnbq_s32(vuninitializedq_s16(), v);
            const int8x16_t narrower = vqmovnbq_s16(vuninitializedq_s8(), narrow);
            vstrbq_p_s32(out + unit, vreinterpretq_s32_s8(narrower), lanes);
        }
        in += p->inputs;
        out += p->units;
    }
}

#undef TE_FRESH
#undef TE_VECTOR
#undef TE_KEPT
#undef TE_LEAST
#undef TE_MOST
#undef TE_LANES
#undef TE_MASKED_LOAD
#undef TE_MASKED_STORE
#undef TE_SOME
#undef TE_SUM
#undef TE_REMEMBER
#undef TE_SVDF
