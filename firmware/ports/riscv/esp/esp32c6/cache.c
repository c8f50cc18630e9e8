/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the weights that the linker left in flash, has the cache show them: each page of flash at its own
 * place in the cache's window.
 *
 * Registers: ESP32-C6 Technical Reference Manual, "System and Memory", soc/esp32c6/register/soc/extmem_reg.h
 * and spi_mem_reg.h, hal/mmu_ll.h of ESP-IDF. The boot ROM has set how the flash is read. */
#include "chip.h"
#include "esp.h"
#include "esp_riscv.h"

#define EXTMEM 0x600C8000u
#define CACHE_CTRL ESP_REGISTER(EXTMEM + 0x04u)
#define CTRL_SHUT 3u /* to instructions, to data */
#define CACHE_SYNC_AT (EXTMEM + 0x98u)
#define CACHE_SYNC ESP_REGISTER(CACHE_SYNC_AT)
#define SYNC_INVALIDATE 1u
#define SYNC_DONE 16u
#define CACHE_SYNC_MAP ESP_REGISTER(EXTMEM + 0x9Cu)
#define SYNC_MAP_CACHE 16u
#define CACHE_SYNC_ADDRESS ESP_REGISTER(EXTMEM + 0xA0u)
#define CACHE_SYNC_SIZE ESP_REGISTER(EXTMEM + 0xA4u)

/* The flash controller's MMU: 256 entries, the number of a page of flash and whether it is valid */
#define MMU_CONTENT ESP_REGISTER(0x6000237Cu)
#define CONTENT_VALID (1u << 9)
#define MMU_INDEX ESP_REGISTER(0x60002380u)
#define MMU_POWER ESP_REGISTER(0x60002384u)
#define POWER_PAGE_SIZE (3u << 3) /* 0: 64 KiB */
#define PAGE 0x10000u
#define WINDOW 0x42000000u

#define PATIENCE 1000000u /* cycles; a few thousand are enough */

extern uint8_t __weights_start[], __weights_end[];

void te_cache_init(void) {
    const uint32_t start = (uint32_t)(uintptr_t)__weights_start;
    const uint32_t end = (uint32_t)(uintptr_t)__weights_end;
    if (start == end) {
        return;
    }
    CACHE_CTRL |= CTRL_SHUT;
    MMU_POWER &= ~POWER_PAGE_SIZE;
    for (uint32_t at = start & ~(PAGE - 1); at < end; at += PAGE) {
        const uint32_t page = (at - WINDOW) / PAGE;
        MMU_INDEX = page;
        MMU_CONTENT = CONTENT_VALID | page;
    }
    /* Size 0 stands for all of it. */
    CACHE_SYNC_MAP = SYNC_MAP_CACHE;
    CACHE_SYNC_ADDRESS = 0;
    CACHE_SYNC_SIZE = 0;
    CACHE_SYNC = SYNC_INVALIDATE;
    te_await(CACHE_SYNC_AT, SYNC_DONE, SYNC_DONE, PATIENCE);
    CACHE_CTRL &= ~CTRL_SHUT;
}
