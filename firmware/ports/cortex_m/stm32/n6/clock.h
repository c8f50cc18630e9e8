/* SPDX-License-Identifier: Apache-2.0 */
/* The clock tree of an STM32N6: CPU at TE_BOARD_CLOCK_HZ, or at CLOCK_HSI_HZ when the PLL does not lock. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define CLOCK_HSI_HZ 64000000u

/* What the CPU runs at, in Hz, once te_clock_init() has returned. */
extern uint32_t te_clock_hz;

void te_clock_init(void);

#endif
