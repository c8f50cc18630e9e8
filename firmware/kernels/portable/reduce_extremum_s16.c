/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int16_t
#define TE_REDUCE_EXTREMUM te_reduce_extremum_s16_portable
#include "kernels/portable/reduce_extremum_body.h"
