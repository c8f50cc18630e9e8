/* SPDX-License-Identifier: Apache-2.0 */
/* What RP2040 and RP2350 share, Arm or RISC-V: blocks of the same registers at the addresses that chip.h
 * gives. */
#ifndef RP2_H
#define RP2_H

#include "chip.h"

/* Every register has an alias that sets, and one that clears, the bits written (RP2040 Datasheet 2.1.2). */
#define RP2_SET 0x2000u
#define RP2_CLEAR 0x3000u

/* Puts blocks (CHIP_RESET_*) into reset and takes them out of it, ready for use. */
void te_reset_block(uint32_t blocks);

/* Makes TE_BOARD_CLOCK_HZ of the crystal, for CPU and UART. */
void te_clock_init(void);

#endif
