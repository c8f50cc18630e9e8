/* SPDX-License-Identifier: Apache-2.0 */
#define TE_CONCATENATION te_concatenation_s32_portable
#define TE_UNIT uint32_t
#define TE_MOVE memcpy
#include "kernels/portable/concatenation_body.h"
