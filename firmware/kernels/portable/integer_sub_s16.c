/* SPDX-License-Identifier: Apache-2.0 */
#define TE_INTEGER(end) te_integer_sub_s16##end
#define TE_ELEMENT int16_t
#define TE_COMBINE_INTEGERS te_integer_sub
#include "kernels/portable/integer_body.h"
