/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/short.h"

TE_KERNEL te_conv_2d_s16_narrow_fn te_conv_2d_s16_narrow_rvv;

#define TE_CONV_2D te_conv_2d_s16_narrow_rvv
#define TE_OUTPUTS(sums, channel, count, out)                                                                \
    te_requantize_lanes_s16(sums, multiplier + (channel), shift + (channel), count, p->max_shift,            \
                            p->out_min, p->out_max, out)
#include "kernels/rvv/conv_2d_s16_body.h"
