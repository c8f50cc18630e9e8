/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/vector.h"
#define TE_ELEMENT int32_t
#define TE_STRIDED_COPY te_strided_copy_s32_rvv
#define TE_MOVE te_move
#include "kernels/portable/strided_copy_body.h"
