/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Cortex-M33 out of reset. */
#include "armv8m_reset.h"
