/* SPDX-License-Identifier: Apache-2.0 */
#define TE_TABLE_COPY te_table_copy_s32_portable
#define TE_UNIT uint32_t
#define TE_MOVE memmove
#include "kernels/portable/table_copy_body.h"
