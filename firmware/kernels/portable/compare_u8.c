/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/compare.h"

TE_KERNEL te_compare_fn te_compare_u8_portable;

#define TE_BINARY(end) te_compare_u8##end
#define TE_PARAMETERS te_compare
#define TE_LEFT uint8_t
#define TE_RIGHT uint8_t
#define TE_RESULT uint8_t
#define TE_COMBINE te_compare_scaled
#include "kernels/portable/binary_body.h"
