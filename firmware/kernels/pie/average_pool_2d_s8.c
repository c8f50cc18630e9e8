/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 16 channels at a time, in lanes of 20 bits. */
#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_LANE te_pie_lane
#define TE_LIMIT te_pie_limited_s8
#include "kernels/pie/average_pool_2d_body.h"
