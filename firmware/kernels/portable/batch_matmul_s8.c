/* SPDX-License-Identifier: Apache-2.0 */
#define TE_BATCH_MATMUL te_batch_matmul_s8_portable
#define TE_LEFT int8_t
#define TE_RIGHT int8_t
#define TE_RESULT int8_t
#define TE_SUM int32_t
#define TE_SCALE te_requantize
#include "kernels/portable/batch_matmul_body.h"
