/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/logical.h"

TE_KERNEL te_logical_fn te_logical_portable;

#define TE_BINARY(end) te_logical##end
#define TE_PARAMETERS te_logical
#define TE_LEFT uint8_t
#define TE_RIGHT uint8_t
#define TE_RESULT uint8_t
#define TE_COMBINE te_logical_element
#include "kernels/portable/binary_body.h"
