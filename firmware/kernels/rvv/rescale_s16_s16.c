/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rescale.h"

TE_KERNEL te_rescale_s16_s16_fn te_rescale_s16_s16_rvv;

#define TE_RESCALE te_rescale_s16_s16_rvv
#define TE_RESULT int16_t
#define TE_STORE te_lanes_store_s16
#include "kernels/rvv/rescale_body.h"
