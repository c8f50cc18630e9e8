/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_LOAD(from, lanes) vldrbq_z_s32(from, lanes)
#define TE_STORE(to, v, lanes) vstrbq_p_s32(to, v, lanes)
#define TE_MEAN te_resize_bilinear_mean_8
#include "kernels/helium/resize_bilinear_body.h"
