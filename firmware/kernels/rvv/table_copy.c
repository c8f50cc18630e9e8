/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/vector.h"
#define TE_TABLE_COPY te_table_copy_rvv
#define TE_UNIT uint8_t
#define TE_MOVE te_move
#include "kernels/portable/table_copy_body.h"
