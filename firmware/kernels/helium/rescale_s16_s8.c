/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rescale.h"

TE_KERNEL te_rescale_s16_s8_fn te_rescale_s16_s8_helium;

#define TE_RESCALE te_rescale_s16_s8_helium
#define TE_RESULT int8_t
#define TE_TYPED(name) name##_s8
#include "kernels/helium/rescale_body.h"
