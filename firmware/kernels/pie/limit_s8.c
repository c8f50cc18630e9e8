/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_MOST TE_PIE_MAX
#define TE_LEAST TE_PIE_MIN
#include "kernels/pie/limit_body.h"
