/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 16 sums of 20 bits at a time. */
#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_LANE te_pie_lane
#include "kernels/pie/mean_body.h"
