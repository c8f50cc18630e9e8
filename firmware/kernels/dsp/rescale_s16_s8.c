/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rescale.h"

TE_KERNEL te_rescale_s16_s8_fn te_rescale_s16_s8_dsp;

#define TE_RESCALE te_rescale_s16_s8_dsp
#define TE_RESULT int8_t
#define TE_LIMIT te_halves_limit_s8
#include "kernels/dsp/rescale_body.h"
