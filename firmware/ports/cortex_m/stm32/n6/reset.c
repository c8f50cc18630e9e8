/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Cortex-M55 out of reset. */
#include "cortex_m55_reset.h"
