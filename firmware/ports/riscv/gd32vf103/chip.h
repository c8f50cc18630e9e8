/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of this port share. */
#ifndef CHIP_H
#define CHIP_H

#include "riscv.h"

/* Makes TE_BOARD_CLOCK_HZ, for the core and APB2. */
void te_clock_init(void);

#endif
