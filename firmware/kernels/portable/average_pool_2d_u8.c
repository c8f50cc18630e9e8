/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT uint8_t
#define TE_TYPED(name, end) name##_u8##end
#include "kernels/portable/average_pool_2d_body.h"
