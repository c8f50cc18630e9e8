/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int16_t
#define TE_ARG_EXTREMUM te_arg_extremum_s16_portable
#include "kernels/portable/arg_extremum_body.h"
