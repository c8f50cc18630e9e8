/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the weights that the linker left in flash, has the data cache show them: each page of flash at its
   own place in the cache's window.

   Registers: ESP32-S3 Technical Reference Manual, "System and Memory", soc/esp32s3/register/soc/extmem_reg.h
   of ESP-IDF. The boot ROM reads flash through this cache, so its size, its memory and its owner are set. */
#include "cache.h"

#include "xtensa.h"

#define EXTMEM 0x600C4000u
#define DCACHE_CTRL CHIP_REGISTER(EXTMEM)
#define CTRL_ENABLE 1u
#define DCACHE_CTRL1 CHIP_REGISTER(EXTMEM + 4u)
#define CTRL1_SHUT_CORE0 1u
#define DCACHE_SYNC_AT (EXTMEM + 0x28u)
#define DCACHE_SYNC CHIP_REGISTER(DCACHE_SYNC_AT)
#define SYNC_INVALIDATE 1u
#define SYNC_DONE 8u
#define DCACHE_SYNC_ADDRESS CHIP_REGISTER(EXTMEM + 0x2Cu)
#define DCACHE_SYNC_SIZE CHIP_REGISTER(EXTMEM + 0x30u)
#define CACHE_STATE_AT (EXTMEM + 0x130u)
#define STATE_DCACHE (0xFFFu << 12)
#define STATE_DCACHE_IDLE (1u << 12)

/* 512 entries: the number of a page of flash; bit 14: invalid, bit 15: of the other memory */
#define MMU 0x600C5000u
#define MMU_ENTRIES 512u
#define PAGE 0x10000u
#define WINDOW 0x3C000000u

#define PATIENCE 1000000u /* cycles; a few thousand are enough */

extern uint8_t __weights_start[], __weights_end[];

void te_cache_init(void) {
    const uint32_t start = (uint32_t)(uintptr_t)__weights_start;
    const uint32_t end = (uint32_t)(uintptr_t)__weights_end;
    if (start == end) {
        return;
    }
    DCACHE_CTRL &= ~CTRL_ENABLE;
    chip_await(CACHE_STATE_AT, STATE_DCACHE, STATE_DCACHE_IDLE, PATIENCE);
    for (uint32_t at = start & ~(PAGE - 1); at < end; at += PAGE) {
        const uint32_t page = (at - WINDOW) / PAGE;
        CHIP_REGISTER(MMU + 4u * (page % MMU_ENTRIES)) = page;
    }
    /* Size 0 stands for all of it. */
    DCACHE_SYNC_ADDRESS = 0;
    DCACHE_SYNC_SIZE = 0;
    DCACHE_SYNC = SYNC_INVALIDATE;
    chip_await(DCACHE_SYNC_AT, SYNC_DONE, SYNC_DONE, PATIENCE);
    DCACHE_CTRL |= CTRL_ENABLE;
    DCACHE_CTRL1 &= ~CTRL1_SHUT_CORE0;
}
