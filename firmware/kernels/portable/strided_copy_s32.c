/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int32_t
#define TE_STRIDED_COPY te_strided_copy_s32_portable
#define TE_MOVE memmove
#include "kernels/portable/strided_copy_body.h"
