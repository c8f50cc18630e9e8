/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/vector.h"
#define TE_CONCATENATION te_concatenation_rvv
#define TE_UNIT uint8_t
#define TE_MOVE te_move
#include "kernels/portable/concatenation_body.h"
