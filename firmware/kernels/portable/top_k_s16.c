/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int16_t
#define TE_TOP_K te_top_k_s16_portable
#include "kernels/portable/top_k_body.h"
