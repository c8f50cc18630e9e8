/* SPDX-License-Identifier: Apache-2.0 */
/* What Helium's averages are good for. */
#ifndef TE_HELIUM_POOL_2D_H
#define TE_HELIUM_POOL_2D_H

#include "kernels/pool_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_POOL_2D_HELIUM_TAPS = 22, /* of a window, at most */
};

#endif
