/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/short.h"
#include "kernels/rvv/transpose_conv.h"

TE_KERNEL te_transpose_conv_s16_narrow_fn te_transpose_conv_s16_narrow_rvv;

#define TE_NAMED(end) te_transpose_conv_s16_narrow##end
#define TE_KIND(name) name##_s16
#define TE_ELEMENT int16_t
#define TE_FILL te_clear_s16
#define TE_COPY te_copy_s16
#define TE_TAP_PARAMETER
#define TE_BIAS(phase) ((void)(phase), bias)
#define TE_OUTPUTS(sums, channel, count, out)                                                                \
    te_requantize_lanes_s16(sums, multiplier + (channel), shift + (channel), count, p->max_shift,            \
                            p->out_min, p->out_max, out)
#include "kernels/rvv/transpose_conv_body.h"
