/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/scalar/batch_matmul.h"

#define TE_BATCH_MATMUL te_batch_matmul_s8_scalar
#define TE_BLOCK te_batch_matmul_s8_scalar_block
#define TE_LEFT int8_t
#define TE_RESULT int8_t
#define TE_SCALE te_requantize
#include "kernels/scalar/batch_matmul_bytes_body.h"
