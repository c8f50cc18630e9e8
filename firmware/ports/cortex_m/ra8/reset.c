/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Cortex-M85, which is an M55 here, out of reset. */
#include "cortex_m55_reset.h"
