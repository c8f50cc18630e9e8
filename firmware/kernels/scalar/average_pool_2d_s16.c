/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/average.h"
#include "kernels/kernel.h"

#define TE_POOL(end) te_average_pool_2d_s16##end
#define TE_ELEMENT int16_t
#define TE_FIRST(p) 0
#define TE_JOIN(a, b) ((a) + (b))
#define TE_LAST(p, a, taps) te_clamp(te_average(a, taps), (p)->out_min, (p)->out_max)
#include "kernels/scalar/pool_2d_body.h"
