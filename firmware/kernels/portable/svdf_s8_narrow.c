/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dot.h"

#define TE_KEPT int8_t
#define TE_LEAST INT8_MIN
#define TE_MOST INT8_MAX
#define TE_SVDF te_svdf_s8_narrow_portable
#define TE_SVDF_DOTS te_dots_s8
#include "kernels/portable/svdf_body.h"
