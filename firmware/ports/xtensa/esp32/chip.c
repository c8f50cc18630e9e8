/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an ESP32 from its boot ROM: watchdogs off, CPU at 240 MHz, weights in flash readable; resets it.

   Registers: ESP32 Technical Reference Manual and soc/esp32/register/soc of ESP-IDF. */
#include "cache.h"
#include "xtensa.h"

/* RTC_CNTL */
#define RTC 0x3FF48000u
#define RTC_OPTIONS0 CHIP_REGISTER(RTC)
#define OPTIONS0_PLL_OFF                                                                                     \
    (1u << 18 | 1u << 10 | 1u << 8 | 1u << 6) /* BBPLL, its bus and its bias, forced down */
#define OPTIONS0_RESET (1u << 31)
#define RTC_CLOCK CHIP_REGISTER(RTC + 0x70u)
#define CLOCK_SOURCE (3u << 27)
#define CLOCK_SOURCE_PLL (1u << 27)
#define RTC_REGULATOR CHIP_REGISTER(RTC + 0x7Cu)
#define REGULATOR_DIGITAL (7u << 11) /* DIG_DBIAS_WAK; all ones are 1.25 V, which 240 MHz take */
#define RTC_WDT_CONFIG0 CHIP_REGISTER(RTC + 0x8Cu)
#define RTC_WDT_PROTECT CHIP_REGISTER(RTC + 0xA4u)

/* Timer groups: the watchdog of each */
#define TIMER_GROUP_0 0x3FF5F000u
#define TIMER_GROUP_1 0x3FF60000u
#define TIMER_WDT_CONFIG0 0x48u
#define TIMER_WDT_PROTECT 0x64u
#define WDT_KEY 0x50D83AA1u

#define DPORT_CPU CHIP_REGISTER(0x3FF0003Cu)
#define CPU_FROM_480_BY_2 2u

/* The bus to the PLL's registers; what goes over it is for the ROM's function (esp32.rom.ld of ESP-IDF) */
#define ANALOGUE_CONFIG CHIP_REGISTER(0x6000E044u)
#define CONFIG_ALL_OFF (0x3FFu << 8)
#define CONFIG_PLL_OFF (1u << 17)
#define BLOCK_PLL 0x66u
#define HOST 4u
#define ROM_WRITE_ANALOGUE 0x400041A4u

#define BOOT_MHZ 40u /* the ROM runs on the crystal */

static void stop_watchdogs(void) {
    RTC_WDT_PROTECT = WDT_KEY;
    RTC_WDT_CONFIG0 = 0;
    CHIP_REGISTER(TIMER_GROUP_0 + TIMER_WDT_PROTECT) = WDT_KEY;
    CHIP_REGISTER(TIMER_GROUP_0 + TIMER_WDT_CONFIG0) = 0;
    CHIP_REGISTER(TIMER_GROUP_1 + TIMER_WDT_PROTECT) = WDT_KEY;
    CHIP_REGISTER(TIMER_GROUP_1 + TIMER_WDT_CONFIG0) = 0;
}

static void write_pll(uint32_t number, uint32_t value) {
    (void)te_rom(ROM_WRITE_ANALOGUE, BLOCK_PLL, HOST, number, value, 0);
}

/* 480 MHz from the crystal's 40, then half of it for the CPU, at the voltage that it takes (ESP-IDF:
 * clk_ll_bbpll_enable, clk_ll_bbpll_set_config, rtc_clk_cpu_freq_to_pll_mhz). */
static void set_clock(void) {
    ANALOGUE_CONFIG = (ANALOGUE_CONFIG | CONFIG_ALL_OFF) & ~CONFIG_PLL_OFF;
    RTC_OPTIONS0 &= ~OPTIONS0_PLL_OFF;
    RTC_REGULATOR |= REGULATOR_DIGITAL;
    chip_wait(BOOT_MHZ * 10u);
    write_pll(0, 0x18);  /* calibration: delay */
    write_pll(1, 0x20);  /* calibration: capacitor */
    write_pll(4, 0x9A);  /* calibration on */
    write_pll(10, 0);    /* OC_ENB_VCON */
    write_pll(12, 0);    /* BBADC_CAL_7_0 */
    write_pll(11, 0xC3); /* ENDIV5 of 480 MHz */
    write_pll(9, 0x74);  /* BBADC_DSMP of 480 MHz */
    write_pll(2, 0);     /* the reference undivided */
    write_pll(3, 28);    /* the feedback's divider */
    write_pll(5, 0xC6);  /* bandwidth 3, current 6 */
    chip_wait(BOOT_MHZ * 160u);
    DPORT_CPU = CPU_FROM_480_BY_2;
    RTC_CLOCK = (RTC_CLOCK & ~CLOCK_SOURCE) | CLOCK_SOURCE_PLL;
    chip_wait(BOOT_MHZ * 30u);
}

void te_chip_init(void) {
    stop_watchdogs();
    set_clock();
    te_cache_init();
}

_Noreturn void hal_reset(void) {
    RTC_OPTIONS0 |= OPTIONS0_RESET;
    for (;;) {
    }
}
