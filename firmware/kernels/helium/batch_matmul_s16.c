/* SPDX-License-Identifier: Apache-2.0 */
#include <arm_mve.h>

#define TE_LAY te_batch_matmul_s16_lay
#define TE_ADD te_batch_matmul_s16_add
#define TE_BATCH_MATMUL te_batch_matmul_s16_helium
#define TE_RIGHT int16_t
#define TE_LOAD_EIGHT vldrhq_z_s16
#define TE_GATHER_EIGHT vldrhq_gather_shifted_offset_z_s16
#include "kernels/helium/batch_matmul_s16_body.h"
