/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/squared_difference.h"

TE_KERNEL te_squared_difference_fn te_squared_difference_s8_portable;

#define TE_BINARY(end) te_squared_difference_s8##end
#define TE_PARAMETERS te_squared_difference
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_RESULT int8_t
#define TE_COMBINE te_squared_difference_element
#include "kernels/portable/binary_body.h"
