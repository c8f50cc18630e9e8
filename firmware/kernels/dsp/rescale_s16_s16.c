/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rescale.h"

TE_KERNEL te_rescale_s16_s16_fn te_rescale_s16_s16_dsp;

#define TE_RESCALE te_rescale_s16_s16_dsp
#define TE_RESULT int16_t
#define TE_LIMIT te_halves_limit_s16
#include "kernels/dsp/rescale_body.h"
