/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the transposed convolution for Helium. */
#ifndef TE_HELIUM_TRANSPOSE_CONV_H
#define TE_HELIUM_TRANSPOSE_CONV_H

#include "kernels/transpose_conv.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_TRANSPOSE_CONV_CHANNELS = 4, /* that share the loads of inputs */
    TE_TRANSPOSE_CONV_LANES = 16,   /* weights of a vector */
};

#endif
