/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/prelu.h"

TE_KERNEL te_prelu_fn te_prelu_s8_portable;

#define TE_BINARY(end) te_prelu_s8##end
#define TE_PARAMETERS te_prelu
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_RESULT int8_t
#define TE_COMBINE(p, u, v) (int8_t)te_prelu_element(p, u, v)
#include "kernels/portable/binary_body.h"
