/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/pie/move.h"
#define TE_ELEMENT int16_t
#define TE_STRIDED_COPY te_strided_copy_s16_pie
#define TE_MOVE te_pie_move
#include "kernels/portable/strided_copy_body.h"
