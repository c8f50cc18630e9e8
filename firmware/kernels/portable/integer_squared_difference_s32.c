/* SPDX-License-Identifier: Apache-2.0 */
#define TE_INTEGER(end) te_integer_squared_difference_s32##end
#define TE_ELEMENT int32_t
#define TE_COMBINE_INTEGERS te_integer_squared_difference
#include "kernels/portable/integer_body.h"
