/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int8_t
#define TE_TOP_K te_top_k_s8_portable
#include "kernels/portable/top_k_body.h"
