/* SPDX-License-Identifier: Apache-2.0 */
/* What only the product for the ESP32-S3's vectors needs to know; decided by tinyedge/plan/layout/pie_product.py. */
#ifndef TE_PIE_MUL_H
#define TE_PIE_MUL_H

#include "kernels/mul.h"

/* Rows, of which there is one or which are whole vectors in both operands, have elements of their own in both.
   `vectors`: see product.h. */
typedef void te_mul_s8_pie_fn(const te_mul *p, const int8_t *a, const int8_t *b, const int8_t *vectors,
                              int8_t *out);
typedef void te_mul_s16_pie_fn(const te_mul *p, const int16_t *a, const int16_t *b, const int8_t *vectors,
                               int16_t *out);

#endif
