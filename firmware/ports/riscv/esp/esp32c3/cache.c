/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the weights that the linker left in flash, has the cache show them: each page of flash at its own
 * place in the cache's window.
 *
 * Registers: ESP32-C3 Technical Reference Manual, "System and Memory", and
 * soc/esp32c3/include/soc/extmem_reg.h of ESP-IDF. The boot ROM reads flash through this cache, so its memory
 * and its owner are set. */
#include "chip.h"
#include "esp.h"
#include "esp_riscv.h"

#define EXTMEM 0x600C4000u
#define CACHE_CTRL ESP_REGISTER(EXTMEM)
#define CTRL_ENABLE 1u
#define CACHE_CTRL1 ESP_REGISTER(EXTMEM + 4u)
#define CTRL1_SHUT 3u /* to instructions, to data */
#define CACHE_SYNC_AT (EXTMEM + 0x28u)
#define CACHE_SYNC ESP_REGISTER(CACHE_SYNC_AT)
#define SYNC_INVALIDATE 1u
#define SYNC_DONE 2u
#define CACHE_SYNC_ADDRESS ESP_REGISTER(EXTMEM + 0x2Cu)
#define CACHE_SYNC_SIZE ESP_REGISTER(EXTMEM + 0x30u)
#define CACHE_STATE_AT (EXTMEM + 0xB0u)
#define STATE 0xFFFu
#define STATE_IDLE 1u

#define MMU 0x600C5000u /* 128 entries: the number of a page of flash; bit 8: invalid */
#define MMU_ENTRIES 128u
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
    CACHE_CTRL &= ~CTRL_ENABLE;
    te_await(CACHE_STATE_AT, STATE, STATE_IDLE, PATIENCE);
    for (uint32_t at = start & ~(PAGE - 1); at < end; at += PAGE) {
        const uint32_t page = (at - WINDOW) / PAGE;
        ESP_REGISTER(MMU + 4u * (page % MMU_ENTRIES)) = page;
    }
    /* Size 0 stands for all of it. */
    CACHE_SYNC_ADDRESS = 0;
    CACHE_SYNC_SIZE = 0;
    CACHE_SYNC = SYNC_INVALIDATE;
    te_await(CACHE_SYNC_AT, SYNC_DONE, SYNC_DONE, PATIENCE);
    CACHE_CTRL1 &= ~CTRL1_SHUT;
    CACHE_CTRL |= CTRL_ENABLE;
}
