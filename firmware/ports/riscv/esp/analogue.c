/* SPDX-License-Identifier: Apache-2.0 */
/* Takes orders for the analogue registers of the PLL, has the chip's internal bus bring them there.
 *
 * One word holds block, register, data and the order; bit 25 says that the bus is at work (ESP-IDF:
 * esp_hal_regi2c; the ESP32-C3's boot ROM does the same). The waits end, for emulators without the bus. */
#include "analogue.h"

#include "chip.h"
#include "esp.h"
#include "esp_riscv.h"

#ifndef ESP_PLL
#define ESP_PLL 0x66u /* the chip's only one */
#endif
#define NUMBER 8u
#define DATA 16u
#define WRITE (1u << 24)
#define BUSY (1u << 25)
#define PATIENCE (ESP_BOOT_MHZ * 1000u)

static uint32_t transfer(uint32_t bus, uint32_t word) {
    te_await(bus, BUSY, 0, PATIENCE);
    ESP_REGISTER(bus) = word;
    te_await(bus, BUSY, 0, PATIENCE);
    return ESP_REGISTER(bus) >> DATA & 0xFFu;
}

void te_pll_write(uint32_t bus, uint32_t order, uint32_t number, uint32_t mask, uint32_t value) {
    const uint32_t target = order | number << NUMBER | ESP_PLL;
    const uint32_t kept = mask == 0xFFu ? 0 : transfer(bus, target) & ~mask & 0xFFu;
    (void)transfer(bus, target | WRITE | (kept | value) << DATA);
}
