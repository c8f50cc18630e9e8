/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor of one value. */
#ifndef TE_FILL_H
#define TE_FILL_H

#include "kernels/kernel.h"

typedef struct te_fill {
    int32_t size;  /* elements */
    int32_t width; /* bytes of one: 1, 2 or 4 */
    int32_t value;
} te_fill;

/* Order: ascending. */
typedef void te_fill_fn(const te_fill *p, void *out);

#endif
