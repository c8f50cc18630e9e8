/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int8_t
#define TE_REDUCE_EXTREMUM te_reduce_extremum_s8_portable
#include "kernels/portable/reduce_extremum_body.h"
