/* SPDX-License-Identifier: Apache-2.0 */
#include <arm_mve.h>

#define TE_SVDF te_svdf_s8_narrow_helium
#define TE_FRESH te_svdf_s8_narrow_fresh
#define TE_REMEMBER te_svdf_s8_narrow_remember
#define TE_VECTOR int8x16_t
#define TE_KEPT int8_t
#define TE_LEAST INT8_MIN
#define TE_MOST INT8_MAX
#define TE_LANES 16
#define TE_SOME(count) vctp8q((uint32_t)(count))
#define TE_MASKED_LOAD vldrbq_z_s8
#define TE_MASKED_STORE vstrbq_p_s8
#define TE_SUM vmladavaq_s8
#include "kernels/helium/svdf_body.h"
