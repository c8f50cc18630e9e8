/* SPDX-License-Identifier: Apache-2.0 */
/* What convolutions for RVV share whose lanes are channels: every tap is a load of weights for as many channels as a
   vector holds, and for each of several pixels one input times these. */
#ifndef TE_RVV_SUMS_H
#define TE_RVV_SUMS_H

#include "kernels/rvv/conv_2d.h"
#include "kernels/rvv/vector.h"

#define TE_INPUT int8_t
#define TE_SUMS te_sums_s8
#define TE_SUMS_FEW te_sums_few_s8
#include "kernels/rvv/sums_body.h"

#define TE_INPUT int16_t
#define TE_SUMS te_sums_s16
#define TE_SUMS_FEW te_sums_few_s16
#include "kernels/rvv/sums_body.h"

#endif
