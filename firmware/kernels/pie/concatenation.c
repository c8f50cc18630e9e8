/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/pie/move.h"
#define TE_CONCATENATION te_concatenation_pie
#define TE_UNIT uint8_t
#define TE_MOVE te_pie_move
#include "kernels/portable/concatenation_body.h"
