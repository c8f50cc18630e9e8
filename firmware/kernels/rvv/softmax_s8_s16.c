/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/softmax.h"

TE_KERNEL te_softmax_s8_s16_fn te_softmax_s8_s16_rvv;

#define TE_SOFTMAX te_softmax_s8_s16_rvv
#define TE_RESULT int16_t
#define TE_BITS 16
#define TE_LOW INT16_MIN
#define TE_HIGH INT16_MAX
#define TE_STORE te_lanes_store_s16
#include "kernels/rvv/softmax_s8_body.h"
