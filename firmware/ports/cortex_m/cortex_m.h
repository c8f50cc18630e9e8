/* SPDX-License-Identifier: Apache-2.0 */
/* What start-up, fault handler and hal of every Cortex-M share. */
#ifndef CORTEX_M_H
#define CORTEX_M_H

#include <stdint.h>

#include "hal.h"
#include "ports/stack.h"

#define CHIP_REGISTER(address) (*(volatile uint32_t *)(address))

/* Comes out of reset: what the core needs before any C, then te_start(). */
void reset_handler(void);

/* Gives a C world, then te_main(). */
void te_start(void);

/* Where every exception but SysTick and the line's interrupt leads. */
void te_fault_entry(void);

/* Counts the wraps of SysTick. */
void te_systick(void);

/* Prepares the line, and the CPU's clock where that is not what a reset gives. */
void te_line_init(void);

/* The line's interrupt, in ports that say CHIP_LINE_INTERRUPT. */
void te_line_interrupt(void);

/* Waits until all bytes that were given to hal_write() have left the chip. */
void te_line_drain(void);

#endif
