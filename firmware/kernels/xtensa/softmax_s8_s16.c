/* SPDX-License-Identifier: Apache-2.0 */
#define TE_TYPED(name, end) name##_s8_s16##end
#define TE_RESULT int16_t
#define TE_WIDTH 16
#include "kernels/xtensa/softmax_s8_body.h"
