/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT uint8_t
#define TE_TYPED(name, end) name##_u8##end
#define TE_SUM int32_t
#define TE_TIMES(a, b) ((a) * (b))
#include "kernels/portable/resize_bilinear_body.h"
