/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_SUM int64_t
#define TE_TIMES te_product
#include "kernels/portable/resize_bilinear_body.h"
