/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/mixture.h"

TE_KERNEL te_mixture_s16_fn te_mixture_s16_portable;

#define TE_ELEMENT int16_t
#define TE_MIXTURE te_mixture_s16_portable
#include "kernels/portable/mixture_body.h"
