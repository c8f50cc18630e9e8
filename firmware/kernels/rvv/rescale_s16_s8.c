/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rescale.h"

TE_KERNEL te_rescale_s16_s8_fn te_rescale_s16_s8_rvv;

#define TE_RESCALE te_rescale_s16_s8_rvv
#define TE_RESULT int8_t
#define TE_STORE te_lanes_store_s8
#include "kernels/rvv/rescale_body.h"
