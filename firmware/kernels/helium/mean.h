/* SPDX-License-Identifier: Apache-2.0 */
/* What means of 8 and of 16 bits share. */
#ifndef TE_HELIUM_MEAN_H
#define TE_HELIUM_MEAN_H

#include "kernels/helium/eight.h"
#include "kernels/mean.h"

static inline int32x4_t te_mean_scale_four(const te_mean *p, int32x4_t sums) {
    const int32x4_t scaled = te_requantize_all_x4(sums, p->multiplier, p->shift);
    return vminq_s32(vmaxq_s32(vaddq_n_s32(scaled, p->out_zero_point), vdupq_n_s32(p->out_min)),
                     vdupq_n_s32(p->out_max));
}

#endif
