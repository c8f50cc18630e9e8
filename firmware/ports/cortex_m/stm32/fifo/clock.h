/* SPDX-License-Identifier: Apache-2.0 */
/* The clock tree: CPU at TE_BOARD_CLOCK_HZ, its USART at that by TE_BOARD_USART_DIVIDER; or all at
 * CLOCK_HSI_HZ, when the PLL does not lock. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#include "te_board.h"

#define CLOCK_HSI_HZ TE_BOARD_HSI_HZ

/* What the CPU runs at, in Hz, once te_clock_init() has returned. */
extern uint32_t te_clock_hz;

void te_clock_init(void);

#endif
