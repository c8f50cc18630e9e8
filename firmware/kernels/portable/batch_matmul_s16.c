/* SPDX-License-Identifier: Apache-2.0 */
#define TE_BATCH_MATMUL te_batch_matmul_s16_portable
#define TE_LEFT int16_t
#define TE_RIGHT int16_t
#define TE_RESULT int16_t
#define TE_SUM int64_t
#define TE_SCALE te_requantize_reduced
#include "kernels/portable/batch_matmul_body.h"
