/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Cortex-M4 out of reset. */
#include "armv7m_reset.h"
