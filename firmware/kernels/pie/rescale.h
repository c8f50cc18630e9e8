/* SPDX-License-Identifier: Apache-2.0 */
/* What only the change of scale for the ESP32-S3's vectors needs to know; decided by
   tinyedge/plan/layout/pie_product.py. */
#ifndef TE_PIE_RESCALE_H
#define TE_PIE_RESCALE_H

#include "kernels/leaky_relu.h"
#include "kernels/rescale.h"

/* Zero points of inputs are 0. `vectors` are what inputs are multiplied by, a power of two, in every element, and what
   product.h has from -2^15 on. */
typedef void te_rescale_s16_s8_pie_fn(const te_rescale *p, const int16_t *in, const int8_t *vectors,
                                      int8_t *out);
typedef void te_rescale_s16_s16_pie_fn(const te_rescale *p, const int16_t *in, const int8_t *vectors,
                                       int16_t *out);

/* With two such, for inputs from 0 on and for others. */
typedef void te_leaky_relu_s16_pie_fn(const te_leaky_relu *p, const int16_t *in, const int8_t *vectors,
                                      int16_t *out);

enum { TE_PIE_SCALE = 10 }; /* vectors of one of them */

#endif
