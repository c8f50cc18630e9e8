/* SPDX-License-Identifier: Apache-2.0 */
/* What the RISC-V chips among the ESP32s have in common, and what each brings. */
#ifndef ESP_RISCV_H
#define ESP_RISCV_H

#include <stdint.h>

#include "te_board.h"

/* The ROM runs on the crystal, or on half of it. */
#define ESP_BOOT_MHZ 40u

/* What unlocks the registers of a watchdog. */
#define ESP_WDT_KEY 0x50D83AA1u

/* Stops watchdogs, sets the clock, shows the weights that are in flash; of the chip. */
void te_chip_init(void);

/* Has the chip reset itself, a little later; of the chip. */
void te_chip_restart(void);

/* Turns off the watchdog of the timer group whose registers are there. */
void te_stop_timer_watchdog(uint32_t group);

/* Waits for that many cycles of the CPU. */
void te_wait(uint32_t cycles);

/* Waits until the bits of `mask` in a register are `value`, for `cycles` at most: an emulator may not have
 * what sets them. */
void te_await(uint32_t address, uint32_t mask, uint32_t value, uint32_t cycles);

#endif
