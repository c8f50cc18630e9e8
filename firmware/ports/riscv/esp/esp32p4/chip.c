/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an ESP32-P4 of revision 1 from its boot ROM: watchdogs off, CPU at 90 MHz; resets it.
 *
 * Registers: soc/esp32p4/register/hw_ver1/soc of ESP-IDF (lp_clkrst_reg.h, hp_sys_clkrst_reg.h, reg_base.h) and
 * esptool's targets/esp32p4.py; the clock as in its clk_tree_ll.h, rtc_clk.c and esp_rom_regi2c_esp32p4.c. ESP-IDF
 * has the DC-DC converter feed the core before it goes beyond 90 MHz, which this does not do. */
#include "chip.h"

#include "analogue.h"
#include "esp.h"
#include "esp_riscv.h"

/* LP_WDT: the RTC's watchdog and the super watchdog */
#define LP_WDT 0x50116000u
#define LP_WDT_CONFIG0 ESP_REGISTER(LP_WDT)
#define LP_WDT_PROTECT ESP_REGISTER(LP_WDT + 0x18u)
#define LP_SWD_CONFIG ESP_REGISTER(LP_WDT + 0x1Cu)
#define SWD_AUTO_FEED (1u << 18)
#define LP_SWD_PROTECT ESP_REGISTER(LP_WDT + 0x20u)

/* Timer groups, each with a watchdog */
#define TIMER_GROUP_0 0x500C2000u
#define TIMER_GROUP_1 0x500C3000u

/* LP_CLKRST: the root of the clocks, and the reset of the core that runs this */
#define LP_CLKRST 0x50111000u
#define CORE_RESET ESP_REGISTER(LP_CLKRST + 0x14u)
#define CORE_0_RESET (1u << 13)
#define CLOCK_ROOT ESP_REGISTER(LP_CLKRST + 0x40u)
#define ROOT_SOURCE 3u
#define ROOT_CRYSTAL 0u
#define ROOT_PLL 1u

/* PMU: what is on while the CPU runs, set at once */
#define PMU_POWER ESP_REGISTER(0x501150CCu)
#define POWER_PLL (1u << 27 | 1u << 23) /* CPLL and its configuration bus */
#define POWER_PLL_CLOCK (1u << 17)

/* LPPERI: the clock of the bus to the analogue registers; I2C_ANA_MST: that bus */
#define PERIPHERAL_CLOCK ESP_REGISTER(0x50120000u)
#define CLOCK_BUS (1u << 27)
#define BUS 0x50124000u
#define BUS_WHO_1 ESP_REGISTER(BUS + 0x1Cu)
#define BUS_WHO_2 ESP_REGISTER(BUS + 0x20u)
#define WHO 0xFFFFFFu
#define WHO_PLL (1u << 11)
#define BUS_CLOCK ESP_REGISTER(BUS + 0x34u)
#define CLOCK_160M 1u

/* HP_SYS_CLKRST: dividers, each less 1, and what calibrates the PLL */
#define CLOCKS 0x500E6000u
#define ROOT_0_AT (CLOCKS + 0x04u)
#define ROOT_0 ESP_REGISTER(ROOT_0_AT)
#define ROOT_0_UPDATE (1u << 4)
#define ROOT_0_CPU (0xFFFFFFu << 5) /* and its fraction */
#define ROOT_0_CPU_BY(n) (((n) - 1u) << 5)
#define ROOT_1 ESP_REGISTER(CLOCKS + 0x08u)
#define ROOT_1_MEMORY_SYSTEM (0xFFu << 0 | 0xFFu << 24)
#define ROOT_2 ESP_REGISTER(CLOCKS + 0x0Cu)
#define ROOT_2_APB (0xFFu << 16)
#define UART_CLOCK ESP_REGISTER(CLOCKS + 0x68u)
#define UART_SOURCE (3u << 24)
#define UART_SOURCE_CRYSTAL 0u
#define UART_ON (1u << 26)
#define UART_PREDIVIDER ESP_REGISTER(CLOCKS + 0x6Cu)
#define PREDIVIDER 0xFFFFFFu /* by 1 and no fraction */
#define PLL_CALIBRATION_AT (CLOCKS + 0xBCu)
#define PLL_CALIBRATION ESP_REGISTER(PLL_CALIBRATION_AT)
#define CALIBRATED (1u << 2)
#define CALIBRATION_STOP (1u << 3)

/* UART0; what is written to its divider counts after an update */
#define UART_DIVIDER ESP_REGISTER(ESP_UART0 + 0x14u)
#define UART_UPDATE_AT (ESP_UART0 + 0x98u)
#define UPDATE 1u

#define CPLL_MHZ 360u
_Static_assert(TE_BOARD_CLOCK_HZ == CPLL_MHZ / 4u * 1000000u, "what set_clock() makes");

static void stop_watchdogs(void) {
    LP_WDT_PROTECT = ESP_WDT_KEY;
    LP_WDT_CONFIG0 = 0;
    LP_SWD_PROTECT = ESP_WDT_KEY;
    LP_SWD_CONFIG |= SWD_AUTO_FEED;
    te_stop_timer_watchdog(TIMER_GROUP_0);
    te_stop_timer_watchdog(TIMER_GROUP_1);
}

static void update_dividers(void) {
    ROOT_0 |= ROOT_0_UPDATE;
    te_await(ROOT_0_AT, ROOT_0_UPDATE, 0, ESP_BOOT_MHZ * 1000u);
}

/* From the crystal, whatever ran before: the PLL is not calibrated under the CPU. Memory, system and peripherals at the
 * CPU's clock. */
static void to_crystal(void) {
    CLOCK_ROOT = (CLOCK_ROOT & ~ROOT_SOURCE) | ROOT_CRYSTAL;
    ROOT_0 &= ~ROOT_0_CPU;
    ROOT_1 &= ~ROOT_1_MEMORY_SYSTEM;
    ROOT_2 &= ~ROOT_2_APB;
    update_dividers();
}

static void calibrate_pll(void) {
    PMU_POWER |= POWER_PLL;
    PMU_POWER |= POWER_PLL_CLOCK;
    PERIPHERAL_CLOCK |= CLOCK_BUS;
    BUS_CLOCK |= CLOCK_160M;
    BUS_WHO_1 &= ~WHO;
    BUS_WHO_2 = (BUS_WHO_2 & ~WHO) | WHO_PLL;
    PLL_CALIBRATION &= ~CALIBRATION_STOP;
    te_pll_write(BUS, 0, 2, 0xFF, 0x50); /* charge pump 5, the reference undivided */
    te_pll_write(BUS, 0, 3, 0xFF, CPLL_MHZ / 40u);
    te_pll_write(BUS, 0, 6, 0xFF, 0x73); /* current 3, references 3 and 1 */
    te_await(PLL_CALIBRATION_AT, CALIBRATED, CALIBRATED, ESP_BOOT_MHZ * 1000u);
    te_wait(ESP_BOOT_MHZ * 10u);
    PLL_CALIBRATION |= CALIBRATION_STOP;
}

/* The divider first: the CPU has a quarter of the crystal for a moment, and never more than it is to have. */
static void set_clock(void) {
    to_crystal();
    calibrate_pll();
    ROOT_0 = (ROOT_0 & ~ROOT_0_CPU) | ROOT_0_CPU_BY(4u);
    update_dividers();
    CLOCK_ROOT = (CLOCK_ROOT & ~ROOT_SOURCE) | ROOT_PLL;
}

void te_chip_init(void) {
    stop_watchdogs();
    set_clock();
}

void te_chip_restart(void) { CORE_RESET |= CORE_0_RESET; }

void te_uart_divide(uint32_t divider) {
    UART_CLOCK = (UART_CLOCK & ~UART_SOURCE) | UART_SOURCE_CRYSTAL | UART_ON;
    UART_PREDIVIDER &= ~PREDIVIDER;
    UART_DIVIDER = (divider & 15u) << 20 | divider >> 4;
    ESP_REGISTER(UART_UPDATE_AT) = UPDATE;
    te_await(UART_UPDATE_AT, UPDATE, 0, TE_BOARD_CLOCK_HZ / 1000u);
}
