/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of this port share. */
#ifndef CHIP_H
#define CHIP_H

#include "riscv.h"

/* Makes TE_BOARD_CLOCK_HZ of the crystal; the core, its buses and the UART then run at it. */
void te_clock_init(void);

/* Waits for that many cycles of the core. */
void te_wait_cycles(uint32_t count);

#endif
