/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_LOAD(from, lanes) vldrhq_z_s32(from, lanes)
#define TE_STORE(to, v, lanes) vstrhq_p_s32(to, v, lanes)
#define TE_MEAN te_resize_bilinear_mean_16
#include "kernels/helium/resize_bilinear_body.h"
