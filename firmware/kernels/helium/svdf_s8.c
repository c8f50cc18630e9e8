/* SPDX-License-Identifier: Apache-2.0 */
#include <arm_mve.h>

#define TE_SVDF te_svdf_s8_helium
#define TE_FRESH te_svdf_s8_fresh
#define TE_REMEMBER te_svdf_s8_remember
#define TE_VECTOR int16x8_t
#define TE_KEPT int16_t
#define TE_LEAST INT16_MIN
#define TE_MOST INT16_MAX
#define TE_LANES 8
#define TE_SOME(count) vctp16q((uint32_t)(count))
#define TE_MASKED_LOAD vldrhq_z_s16
#define TE_MASKED_STORE vstrhq_p_s16
#define TE_SUM vmladavaq_s16
#include "kernels/helium/svdf_body.h"
