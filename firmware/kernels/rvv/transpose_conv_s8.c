/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/transpose_conv.h"

TE_KERNEL te_transpose_conv_s8_fn te_transpose_conv_s8_rvv;

/* bias is [phases, channels] and holds what tap_bias adds, of all taps: those that meet no input meet zero points. */
#define TE_NAMED(end) te_transpose_conv_s8##end
#define TE_KIND(name) name##_s8
#define TE_ELEMENT int8_t
#define TE_FILL(to, count) te_fill_s8(to, p->in_zero_point, count)
#define TE_COPY te_copy_s8
#define TE_TAP_PARAMETER const int32_t *tap_bias,
#define TE_BIAS(phase) ((void)tap_bias, bias + (phase) * p->out_channels)
#define TE_OUTPUTS(sums, channel, count, out)                                                                \
    te_requantize_lanes(sums, multiplier + (channel), shift + (channel), count,                              \
                        (te_output){p->out_zero_point, p->out_min, p->out_max, p->max_shift}, out)
#include "kernels/rvv/transpose_conv_body.h"
