/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dot.h"

#define TE_KEPT int16_t
#define TE_LEAST INT16_MIN
#define TE_MOST INT16_MAX
#define TE_SVDF te_svdf_s8_portable
#define TE_SVDF_DOTS te_dots_s8
#include "kernels/portable/svdf_body.h"
