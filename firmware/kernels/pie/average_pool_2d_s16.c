/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 8 channels at a time, in lanes of 40 bits. */
#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_LANE te_pie_wide_lane
#define TE_LIMIT te_pie_limited_s16
#include "kernels/pie/average_pool_2d_body.h"
