/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_MOST TE_PIE_MAX_S16
#define TE_LEAST TE_PIE_MIN_S16
#include "kernels/pie/limit_body.h"
