/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an ESP32-C6 from its boot ROM: watchdogs off, CPU at 160 MHz, weights in flash readable; resets it.
 *
 * Registers: ESP32-C6 Technical Reference Manual and soc/esp32c6/register/soc of ESP-IDF; the clock as in its
 * clk_tree_ll.h, rtc_clk.c and regi2c_impl.c. */
#include "chip.h"

#include "analogue.h"
#include "esp.h"
#include "esp_riscv.h"

/* LP_WDT: the RTC's watchdog and the super watchdog */
#define LP_WDT 0x600B1C00u
#define LP_WDT_CONFIG0 ESP_REGISTER(LP_WDT)
#define LP_WDT_PROTECT ESP_REGISTER(LP_WDT + 0x18u)
#define LP_SWD_CONFIG ESP_REGISTER(LP_WDT + 0x1Cu)
#define SWD_AUTO_FEED (1u << 18)
#define LP_SWD_PROTECT ESP_REGISTER(LP_WDT + 0x20u)

/* Timer groups, each with a watchdog */
#define TIMER_GROUP_0 0x60008000u
#define TIMER_GROUP_1 0x60009000u

/* LP_AON: the reset of all but the low-power part */
#define LP_AON_SYSTEM ESP_REGISTER(0x600B1034u)
#define SYSTEM_RESET (1u << 31)

/* PMU: what is on while the CPU runs, set at once */
#define PMU_POWER ESP_REGISTER(0x600B00CCu)
#define POWER_PLL (1u << 30 | 1u << 29 | 1u << 28) /* BBPLL and its configuration bus */
#define POWER_PLL_CLOCK (1u << 25)

/* MODEM_LPCON: the clock of the bus to the analogue registers; I2C_ANA_MST: that bus, which has two masters
 */
#define MODEM_CLOCK ESP_REGISTER(0x600AF018u)
#define CLOCK_BUS (1u << 2)
#define BUS 0x600AF800u
#define PLL_CONTROL_AT 0x600AF818u
#define PLL_CONTROL ESP_REGISTER(PLL_CONTROL_AT)
#define PLL_CALIBRATION_STOP (1u << 2)
#define PLL_CALIBRATION_RUN (1u << 3)
#define PLL_CALIBRATED (1u << 24)
#define BUS_READERS ESP_REGISTER(0x600AF81Cu)
#define READERS_PLL 0xFFFF7Fu /* all bits but the PLL's */
#define BUS_MASTERS ESP_REGISTER(0x600AF820u)
#define MASTERS_PLL_FIRST (1u << 9)

/* PCR: clocks */
#define PCR_SYSTEM ESP_REGISTER(0x60096110u)
#define SYSTEM_SOURCE (3u << 16)
#define SYSTEM_SOURCE_PLL (1u << 16)
#define PCR_CPU ESP_REGISTER(0x60096118u)
#define CPU_DIVIDER (0xFFu << 8) /* of a third of the PLL, less 1 */
#define CPU_120_MHZ (1u << 16)
#define PCR_UART ESP_REGISTER(0x60096004u)
#define UART_SOURCE (3u << 20)
#define UART_SOURCE_CRYSTAL (3u << 20)
#define UART_PREDIVIDER 0xFFFFFu /* by 1 and no fraction */

/* UART0; what is written to its divider counts after an update */
#define UART_DIVIDER ESP_REGISTER(ESP_UART0 + 0x14u)
#define UART_UPDATE_AT (ESP_UART0 + 0x98u)
#define UPDATE 1u

static void stop_watchdogs(void) {
    LP_WDT_PROTECT = ESP_WDT_KEY;
    LP_WDT_CONFIG0 = 0;
    LP_SWD_PROTECT = ESP_WDT_KEY;
    LP_SWD_CONFIG |= SWD_AUTO_FEED;
    te_stop_timer_watchdog(TIMER_GROUP_0);
    te_stop_timer_watchdog(TIMER_GROUP_1);
}

static void set_pll(uint32_t number, uint32_t mask, uint32_t value) {
    BUS_READERS = READERS_PLL;
    const uint32_t bus = (BUS_MASTERS & MASTERS_PLL_FIRST) != 0 ? BUS : BUS + 4u;
    te_pll_write(bus, 0, number, mask, value);
}

/* 480 MHz from the crystal's 40, a third of it for the CPU. */
static void set_clock(void) {
    PMU_POWER |= POWER_PLL;
    PMU_POWER |= POWER_PLL_CLOCK;
    MODEM_CLOCK |= CLOCK_BUS;
    PLL_CONTROL &= ~PLL_CALIBRATION_STOP;
    PLL_CONTROL |= PLL_CALIBRATION_RUN;
    set_pll(2, 0xFF, 0x50); /* charge pump 5, the reference undivided */
    set_pll(3, 0xFF, 8);    /* the feedback's divider */
    set_pll(5, 0x77, 0);    /* DR1, DR3 */
    set_pll(6, 0xFF, 0x73); /* current 3, references 3 and 1 */
    set_pll(9, 0x03, 2);    /* the oscillator's bias */
    te_await(PLL_CONTROL_AT, PLL_CALIBRATED, PLL_CALIBRATED, ESP_BOOT_MHZ * 1000u);
    te_wait(ESP_BOOT_MHZ * 10u);
    PLL_CONTROL &= ~PLL_CALIBRATION_RUN;
    PLL_CONTROL |= PLL_CALIBRATION_STOP;
    PCR_CPU &= ~(CPU_DIVIDER | CPU_120_MHZ);
    PCR_SYSTEM = (PCR_SYSTEM & ~SYSTEM_SOURCE) | SYSTEM_SOURCE_PLL;
}

void te_chip_init(void) {
    stop_watchdogs();
    set_clock();
    te_cache_init();
}

void te_chip_restart(void) { LP_AON_SYSTEM |= SYSTEM_RESET; }

void te_uart_divide(uint32_t divider) {
    PCR_UART = (PCR_UART & ~(UART_SOURCE | UART_PREDIVIDER)) | UART_SOURCE_CRYSTAL;
    UART_DIVIDER = (divider & 15u) << 20 | divider >> 4;
    ESP_REGISTER(UART_UPDATE_AT) = UPDATE;
    te_await(UART_UPDATE_AT, UPDATE, 0, TE_BOARD_CLOCK_HZ / 1000u);
}
