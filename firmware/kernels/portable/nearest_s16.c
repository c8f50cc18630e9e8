/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/nearest.h"

TE_KERNEL te_nearest_s16_fn te_nearest_s16_portable;

#define TE_ELEMENT int16_t
#define TE_NEAREST te_nearest_s16_portable
#include "kernels/portable/nearest_body.h"
