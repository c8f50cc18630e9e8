/* SPDX-License-Identifier: Apache-2.0 */
#define TE_TYPED(name, end) name##_s8##end
#define TE_RESULT int8_t
#define TE_WIDTH 8
#include "kernels/xtensa/softmax_s8_body.h"
