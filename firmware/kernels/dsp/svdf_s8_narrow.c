/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/dot.h"

#define TE_KEPT int8_t
#define TE_LEAST INT8_MIN
#define TE_MOST INT8_MAX
#define TE_SVDF te_svdf_s8_narrow_dsp
#define TE_SVDF_DOTS te_halves_dots_s8
#include "kernels/portable/svdf_body.h"
