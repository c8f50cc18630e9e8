/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 8 sums of 40 bits at a time. */
#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_LANE te_pie_wide_lane
#include "kernels/pie/mean_body.h"
