/* SPDX-License-Identifier: Apache-2.0 */
/* The clock tree: CPU at TE_BOARD_CLOCK_HZ, SCIs at a quarter of it; or both at CLOCK_MOCO_HZ, when crystal or
 * PLL does not start. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#include "te_board.h"

#define CLOCK_MOCO_HZ 8000000u
#define CLOCK_SCI_DIVIDER 4u

/* What the CPU runs at, in Hz, once te_clock_init() has returned. */
extern uint32_t te_clock_hz;

void te_clock_init(void);

#endif
