/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/softmax.h"

TE_KERNEL te_softmax_s8_fn te_softmax_s8_rvv;

#define TE_SOFTMAX te_softmax_s8_rvv
#define TE_RESULT int8_t
#define TE_BITS 8
#define TE_LOW INT8_MIN
#define TE_HIGH INT8_MAX
#define TE_STORE te_lanes_store_s8
#include "kernels/rvv/softmax_s8_body.h"
