/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int32_t
#define TE_TYPED(name, end) name##_s32##end
#include "kernels/portable/extremum_body.h"
