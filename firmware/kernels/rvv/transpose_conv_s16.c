/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/short.h"
#include "kernels/rvv/transpose_conv.h"

TE_KERNEL te_transpose_conv_s16_narrow_fn te_transpose_conv_s16_rvv;

#define TE_KIND(name, end) name##_s16##end
#define TE_ELEMENT int16_t
#define TE_FILL(to, count) te_fill_s8((int8_t *)(to), 0, 2 * (count))
#define TE_COPY(to, from, count) te_copy_s8((int8_t *)(to), (const int8_t *)(from), 2 * (count))
#define TE_TAP_PARAMETER
#define TE_BIAS(phase) ((void)(phase), bias)
#define TE_OUTPUTS(sums, channel, count, out)                                                                \
    te_requantize_short_lanes(sums, multiplier + (channel), shift + (channel), count, p->out_min,            \
                              p->out_max, out)
#include "kernels/rvv/transpose_conv_body.h"
