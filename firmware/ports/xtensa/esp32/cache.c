/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the weights that the linker left in flash, has the cache of the first CPU show them: each page of
   flash at its own place in the window for data.

   Registers: ESP32 Technical Reference Manual, "Memory Management and Protection Units", "DPort Registers".
 */
#include "cache.h"

#include "xtensa.h"

#define CACHE_CTRL_AT 0x3FF00040u /* DPORT_PRO_CACHE_CTRL_REG */
#define CACHE_CTRL CHIP_REGISTER(CACHE_CTRL_AT)
#define CTRL_ENABLE (1u << 3)
#define CTRL_FLUSH (1u << 4)
#define CTRL_FLUSHED (1u << 5)
#define CACHE_CTRL1 CHIP_REGISTER(0x3FF00044u)
#define CTRL1_MASK_DATA (1u << 4)  /* the window for data (DROM0) is shut */
#define CTRL1_MMU_CLEAR (1u << 13) /* illegal entries are reported until it is set and cleared */
#define CTRL1_FLASH_PAGE (3u << 9) /* 0: pages of 64 KB */

/* Of the first CPU; the entries 0 to 63 are the window for data: the number of a page */
#define MMU 0x3FF10000u
#define PAGE 0x10000u
#define WINDOW 0x3F400000u

#define PATIENCE 1000000u /* cycles */

extern uint8_t __weights_start[], __weights_end[];

void te_cache_init(void) {
    const uint32_t start = (uint32_t)(uintptr_t)__weights_start;
    const uint32_t end = (uint32_t)(uintptr_t)__weights_end;
    if (start == end) {
        return;
    }
    CACHE_CTRL &= ~CTRL_ENABLE;
    CACHE_CTRL &= ~CTRL_FLUSH;
    CACHE_CTRL |= CTRL_FLUSH;
    chip_await(CACHE_CTRL_AT, CTRL_FLUSHED, CTRL_FLUSHED, PATIENCE);
    CACHE_CTRL &= ~CTRL_FLUSH;
    CACHE_CTRL1 |= CTRL1_MMU_CLEAR;
    CACHE_CTRL1 &= ~(CTRL1_MMU_CLEAR | CTRL1_FLASH_PAGE);
    for (uint32_t at = start & ~(PAGE - 1); at < end; at += PAGE) {
        const uint32_t page = (at - WINDOW) / PAGE;
        CHIP_REGISTER(MMU + 4u * page) = page;
    }
    CACHE_CTRL1 &= ~CTRL1_MASK_DATA;
    CACHE_CTRL |= CTRL_ENABLE;
}
