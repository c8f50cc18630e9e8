/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/dot.h"

#define TE_KEPT int16_t
#define TE_LEAST INT16_MIN
#define TE_MOST INT16_MAX
#define TE_SVDF te_svdf_s8_dsp
#define TE_SVDF_DOTS te_halves_dots_s8
#include "kernels/portable/svdf_body.h"
