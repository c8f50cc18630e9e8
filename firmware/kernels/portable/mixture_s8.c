/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/mixture.h"

TE_KERNEL te_mixture_s8_fn te_mixture_s8_portable;

#define TE_ELEMENT int8_t
#define TE_MIXTURE te_mixture_s8_portable
#include "kernels/portable/mixture_body.h"
