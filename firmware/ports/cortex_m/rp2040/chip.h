/* SPDX-License-Identifier: Apache-2.0 */
/* Where the RP2040 has what all RP2 chips have. RP2040 Datasheet: 2.2 (address map), 2.14 (resets), 2.19
 * (pads). */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"

#define CHIP_CLOCKS 0x40008000u
#define CHIP_RESETS 0x4000C000u
#define CHIP_IO_BANK0 0x40014000u
#define CHIP_PADS_BANK0 0x4001C000u
#define CHIP_XOSC 0x40024000u
#define CHIP_PLL_SYS 0x40028000u

/* Bits of RESETS.RESET */
#define CHIP_RESET_IO_BANK0 (1u << 5)
#define CHIP_RESET_PADS_BANK0 (1u << 8)
#define CHIP_RESET_PLL_SYS (1u << 12)

#endif
