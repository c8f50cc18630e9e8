/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#include "kernels/dsp/extremum_body.h"
