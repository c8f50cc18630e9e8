/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an ESP32-C3 from its boot ROM: watchdogs off, CPU at 160 MHz, weights in flash readable; resets it.
 *
 * Registers: ESP32-C3 Technical Reference Manual, chapters "Low-power Management", "Watchdog Timers", "Reset
 * and Clock"; the analogue part from ESP-IDF (clk_tree_ll.h, regi2c_bbpll.h) and the boot ROM's functions. */
#include "chip.h"

#include "analogue.h"
#include "esp.h"
#include "esp_riscv.h"

/* RTC_CNTL: the reset of all but the RTC, its watchdog, the super watchdog */
#define RTC 0x60008000u
#define RTC_OPTIONS0 ESP_REGISTER(RTC)
#define OPTIONS0_PLL_OFF (1u << 10 | 1u << 8 | 1u << 6) /* BBPLL and its configuration bus, forced down */
#define OPTIONS0_RESET (1u << 31)
#define RTC_WDT_CONFIG0 ESP_REGISTER(RTC + 0x90u)
#define RTC_WDT_PROTECT ESP_REGISTER(RTC + 0xA8u)
#define RTC_SWD_CONFIG ESP_REGISTER(RTC + 0xACu)
#define SWD_AUTO_FEED (1u << 31)
#define RTC_SWD_PROTECT ESP_REGISTER(RTC + 0xB0u)

/* Timer groups, each with a watchdog */
#define TIMER_GROUP_0 0x6001F000u
#define TIMER_GROUP_1 0x60020000u

#define SWD_KEY 0x8F1D312Au /* of the super watchdog */

/* SYSTEM: clocks */
#define SYSTEM_CPU ESP_REGISTER(0x600C0008u)
#define CPU_PERIOD 3u
#define CPU_FROM_480_BY_3 1u
#define CPU_PLL_480 (1u << 2)
#define SYSTEM_CLOCK ESP_REGISTER(0x600C0058u)
#define CLOCK_DIVIDER 0x3FFu
#define CLOCK_SOURCE (3u << 10)
#define CLOCK_SOURCE_PLL (1u << 10)

/* The bus to the analogue registers */
#define BUS 0x6000E000u
#define BUS_ORDER (1u << 26)
#define PLL_CONTROL ESP_REGISTER(0x6000E040u)
#define PLL_CALIBRATION_STOP (1u << 2)
#define PLL_CALIBRATION_RUN (1u << 3)
#define BUS_CONFIG ESP_REGISTER(0x6000E044u)
#define CONFIG_ALL_OFF (0x3FFu << 8)
#define CONFIG_PLL_OFF (1u << 17)
#define BUS_MASTERS ESP_REGISTER(0x6000E048u)
#define MASTERS_ALL 0x1FF40u /* as the ROM sets it before each access */
#define MASTERS_MASK 0x1FFF0u

/* UART0 */
#define UART_DIVIDER ESP_REGISTER(ESP_UART0 + 0x14u)
#define UART_CLOCK ESP_REGISTER(ESP_UART0 + 0x78u)
#define UART_SOURCE (3u << 20)
#define UART_SOURCE_CRYSTAL (3u << 20)
#define UART_PREDIVIDER (0xFFu << 12)

static void stop_watchdogs(void) {
    RTC_WDT_PROTECT = ESP_WDT_KEY;
    RTC_WDT_CONFIG0 = 0;
    RTC_SWD_PROTECT = SWD_KEY;
    RTC_SWD_CONFIG |= SWD_AUTO_FEED;
    te_stop_timer_watchdog(TIMER_GROUP_0);
    te_stop_timer_watchdog(TIMER_GROUP_1);
}

static void set_pll(uint32_t number, uint32_t mask, uint32_t value) {
    te_pll_write(BUS, BUS_ORDER, number, mask, value);
}

/* 480 MHz from the crystal's 40, a third of it for the CPU (clk_ll_bbpll_set_config; rtc_clk.c). */
static void set_clock(void) {
    BUS_CONFIG = (BUS_CONFIG | CONFIG_ALL_OFF) & ~CONFIG_PLL_OFF;
    BUS_MASTERS = (BUS_MASTERS & ~MASTERS_MASK) | MASTERS_ALL;
    RTC_OPTIONS0 &= ~OPTIONS0_PLL_OFF;
    SYSTEM_CPU |= CPU_PLL_480;
    PLL_CONTROL &= ~PLL_CALIBRATION_STOP;
    PLL_CONTROL |= PLL_CALIBRATION_RUN;
    set_pll(4, 0xFF, 0x6B); /* MODE_HF */
    set_pll(2, 0xFF, 0x50); /* charge pump 5, the reference undivided */
    set_pll(3, 0xFF, 8);    /* the feedback's divider */
    set_pll(5, 0x77, 0);    /* DR1, DR3 */
    set_pll(6, 0xFF, 0x63); /* current 3, references 2 and 1 */
    set_pll(9, 0x03, 2);    /* the oscillator's bias */
    te_wait(ESP_BOOT_MHZ * 100u);
    SYSTEM_CPU = (SYSTEM_CPU & ~CPU_PERIOD) | CPU_FROM_480_BY_3;
    SYSTEM_CLOCK = (SYSTEM_CLOCK & ~(CLOCK_SOURCE | CLOCK_DIVIDER)) | CLOCK_SOURCE_PLL;
}

void te_chip_init(void) {
    stop_watchdogs();
    set_clock();
    te_cache_init();
}

void te_chip_restart(void) { RTC_OPTIONS0 |= OPTIONS0_RESET; }

void te_uart_divide(uint32_t divider) {
    UART_CLOCK = (UART_CLOCK & ~(UART_SOURCE | UART_PREDIVIDER)) | UART_SOURCE_CRYSTAL;
    UART_DIVIDER = (divider & 15u) << 20 | divider >> 4;
}
