/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/pie/batch_matmul_short.h"

#define TE_BATCH_MATMUL te_batch_matmul_s16_s8_pie
#define TE_LEFT int16_t
#define TE_RIGHT int8_t
#define TE_OUTPUT te_pie_batch_matmul_short
#include "kernels/pie/batch_matmul_body.h"
