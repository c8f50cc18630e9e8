/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT uint8_t
#define TE_TYPED(name, end) name##_u8##end
#define TE_LOAD(from, lanes) vreinterpretq_s32_u32(vldrbq_z_u32(from, lanes))
#define TE_STORE(to, v, lanes) vstrbq_p_u32(to, vreinterpretq_u32_s32(v), lanes)
#define TE_MEAN te_resize_bilinear_mean_8
#include "kernels/helium/resize_bilinear_body.h"
