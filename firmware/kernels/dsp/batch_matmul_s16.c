/* SPDX-License-Identifier: Apache-2.0 */
#define TE_BATCH_MATMUL(end) te_batch_matmul_s16_dsp##end
#define TE_RIGHT int16_t
#include "kernels/dsp/batch_matmul_s16_body.h"
