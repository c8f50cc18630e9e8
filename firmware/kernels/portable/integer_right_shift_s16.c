/* SPDX-License-Identifier: Apache-2.0 */
#define TE_INTEGER(end) te_integer_right_shift_s16##end
#define TE_ELEMENT int16_t
#define TE_COMBINE_INTEGERS te_integer_right_shift
#include "kernels/portable/integer_body.h"
