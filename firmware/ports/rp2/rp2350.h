/* SPDX-License-Identifier: Apache-2.0 */
/* Where the RP2350 has what all RP2 chips have. RP2350 Datasheet: 2.2 (address map), 7.5 (resets). */
#ifndef RP2350_H
#define RP2350_H

#define CHIP_CLOCKS 0x40010000u
#define CHIP_RESETS 0x40020000u
#define CHIP_IO_BANK0 0x40028000u
#define CHIP_PADS_BANK0 0x40038000u
#define CHIP_XOSC 0x40048000u
#define CHIP_PLL_SYS 0x40050000u

/* Bits of RESETS.RESET */
#define CHIP_RESET_IO_BANK0 (1u << 6)
#define CHIP_RESET_PADS_BANK0 (1u << 9)
#define CHIP_RESET_PLL_SYS (1u << 14)

/* What the boot ROM looks for in the first 4 KiB of flash: a block of items that says what the image is
 * (RP2350 Datasheet 5.1 and 5.9). A loop of blocks, here of one: each names the distance to the next. */
#define RP2350_BLOCK_BEGIN 0xFFFFDED3u
#define RP2350_BLOCK_END 0xAB123579u
#define RP2350_ITEM_LAST(words) (0xFFu | (words) << 8)
#define RP2350_IMAGE_TYPE(flags) (0x42u | 1u << 8 | (flags) << 16)
#define RP2350_EXECUTABLE (1u | 1u << 12) /* for this chip */
#define RP2350_SECURE (2u << 4)           /* Arm only */
#define RP2350_RISCV (1u << 8)
#define RP2350_ENTRY_POINT (0x44u | 3u << 8)

#endif
