/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/kernel.h"

#define TE_POOL(end) te_max_pool_2d_s8##end
#define TE_ELEMENT int8_t
#define TE_FIRST(p) (p)->out_min
#define TE_JOIN te_max
#define TE_LAST(p, a, taps) te_min(a, (p)->out_max)
#include "kernels/scalar/pool_2d_body.h"
