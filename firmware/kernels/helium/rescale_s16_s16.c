/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rescale.h"

TE_KERNEL te_rescale_s16_s16_fn te_rescale_s16_s16_helium;

#define TE_RESCALE te_rescale_s16_s16_helium
#define TE_RESULT int16_t
#define TE_TYPED(name) name##_s16
#include "kernels/helium/rescale_body.h"
