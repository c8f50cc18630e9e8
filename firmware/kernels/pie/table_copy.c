/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/pie/move.h"
#define TE_TABLE_COPY te_table_copy_pie
#define TE_UNIT uint8_t
#define TE_MOVE te_pie_move
#include "kernels/portable/table_copy_body.h"
