/* SPDX-License-Identifier: Apache-2.0 */
/* What only the sum for the ESP32-S3's vectors needs to know; decided by tinyedge/plan/layout/pie_sum.py. */
#ifndef TE_PIE_ADD_LINEAR_H
#define TE_PIE_ADD_LINEAR_H

#include "kernels/add_linear.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_ADD_LINEAR_PIE_UPPER = 8, /* bits of a result that are above it when it is taken from its lane */
};

typedef struct te_add_linear_pie {
    int16_t shift; /* what leaves a result in the upper half of 16 bits */
} te_add_linear_pie;

/* Both operands have as many elements as the output. `vectors`: see add_linear_s8.c. */
typedef void te_add_linear_s8_pie_fn(const te_add_linear *p, const te_add_linear_pie *laid, const int8_t *a,
                                     const int8_t *b, const int8_t *vectors, int8_t *out);

#endif
