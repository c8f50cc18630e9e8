/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: 8 channels at a time. */
#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_MOST TE_PIE_MAX_S16
#define TE_LEAST TE_PIE_MIN_S16
#include "kernels/pie/max_pool_2d_body.h"
