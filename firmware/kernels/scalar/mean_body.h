/* SPDX-License-Identifier: Apache-2.0 */
/* te_mean for any width of element, for cores without vectors: eight sums at a time, in registers. TE_ELEMENT is its
 * type, TE_TYPED(name, end) is name_s8end or name_s16end; included once for each. */
#include "kernels/mean.h"
#include "kernels/unrolled.h"

enum { TE_TYPED(TE_MEAN_SCALAR, _EIGHT) = 8 };

/* `count` outputs, one or eight, of a row. */
static inline __attribute__((always_inline)) void
TE_TYPED(te_mean_scalar, _few)(const te_mean *p, const TE_ELEMENT *in, te_mean_groups groups, int32_t count,
                               TE_ELEMENT *out) {
    int32_t sums[TE_TYPED(TE_MEAN_SCALAR, _EIGHT)];
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++)
        sums[i] = p->start;
    TE_ROLLED
    for (int32_t k = 0; k < groups.count; k++) {
        const TE_ELEMENT *x = in + k * groups.pitch;
        for (int32_t l = groups.taps; l > 0; l--) {
            TE_UNROLLED
            for (int32_t i = 0; i < count; i++)
                sums[i] += x[i];
            x += groups.row;
        }
    }
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++) {
        const int32_t scaled = te_requantize(sums[i], p->multiplier, p->shift) + p->out_zero_point;
        out[i] = (TE_ELEMENT)te_clamp(scaled, p->out_min, p->out_max);
    }
}

static inline __attribute__((always_inline)) void TE_TYPED(te_mean_scalar,
                                                           _across)(const te_mean *p, te_mean_groups groups,
                                                                    const TE_ELEMENT *in, TE_ELEMENT *out) {
    enum { EIGHT = TE_TYPED(TE_MEAN_SCALAR, _EIGHT) };
    int32_t c = 0;
    TE_ROLLED
    for (; c + EIGHT <= groups.row; c += EIGHT)
        TE_TYPED(te_mean_scalar, _few)(p, in + c, groups, EIGHT, out + c);
    TE_ROLLED
    for (; c < groups.row; c++)
        TE_TYPED(te_mean_scalar, _few)(p, in + c, groups, 1, out + c);
}

static inline __attribute__((always_inline)) void TE_TYPED(te_mean_scalar,
                                                           _along)(const te_mean *p, te_mean_groups groups,
                                                                   const TE_ELEMENT *in, TE_ELEMENT *out) {
    TE_ROLLED
    for (int32_t j = 0; j < groups.rows; j++)
        TE_TYPED(te_mean_scalar, _few)(p, in + j * groups.step, groups, 1, out + j);
}

TE_KERNEL TE_TYPED(te_mean, _fn) TE_TYPED(te_mean, _scalar);

#define TE_MEAN TE_TYPED(te_mean, _scalar)
#define TE_ALONG TE_TYPED(te_mean_scalar, _along)
#define TE_ACROSS TE_TYPED(te_mean_scalar, _across)
#include "kernels/mean_rows.h"

#undef TE_TYPED
