/* SPDX-License-Identifier: Apache-2.0 */
/* What only products of matrices for the ESP32-S3's vectors need to know; decided by tinyedge/plan/layout/pie_matmul.py.
 */
#ifndef TE_PIE_BATCH_MATMUL_H
#define TE_PIE_BATCH_MATMUL_H

#include "kernels/batch_matmul.h"

/* In `window` a row of a, as whole vectors, then columns of b, and a vector more. */
typedef void te_batch_matmul_pie_fn(const te_batch_matmul *p, const void *a, const void *b, void *out,
                                    int8_t *window);

enum { TE_BATCH_MATMUL_PIE_COLUMNS = 16 }; /* that are laid at once, if there are as many */

#endif
