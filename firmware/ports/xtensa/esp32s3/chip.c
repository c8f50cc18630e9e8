/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an ESP32-S3 from its boot ROM: watchdogs off, CPU at 240 MHz, weights in flash readable; resets it.

   Registers: ESP32-S3 Technical Reference Manual and soc/esp32s3/register/soc of ESP-IDF. */
#include "cache.h"
#include "esp.h"
#include "xtensa.h"

/* RTC_CNTL: its watchdog, the super watchdog, and the reset of all but the RTC */
#define RTC 0x60008000u
#define RTC_OPTIONS0 CHIP_REGISTER(RTC)
#define OPTIONS0_PLL_OFF (1u << 10 | 1u << 8 | 1u << 6) /* BBPLL and its configuration bus, forced down */
#define OPTIONS0_RESET (1u << 31)
#define RTC_WDT_CONFIG0 CHIP_REGISTER(RTC + 0x98u)
#define RTC_WDT_PROTECT CHIP_REGISTER(RTC + 0xB0u)
#define RTC_SWD_CONFIG CHIP_REGISTER(RTC + 0xB4u)
#define SWD_AUTO_FEED (1u << 31)
#define RTC_SWD_PROTECT CHIP_REGISTER(RTC + 0xB8u)
#define RTC_DATE CHIP_REGISTER(RTC + 0x1FCu)
#define DATE_SLAVES_OFF (0x3Fu << 13) /* of the voltage regulator's six slaves; a faster clock needs all */

/* Timer groups: the watchdog of each */
#define TIMER_GROUP_0 0x6001F000u
#define TIMER_GROUP_1 0x60020000u
#define TIMER_WDT_CONFIG0 0x48u
#define TIMER_WDT_PROTECT 0x64u

#define WDT_KEY 0x50D83AA1u
#define SWD_KEY 0x8F1D312Au

/* SYSTEM: clocks */
#define SYSTEM_CPU CHIP_REGISTER(0x600C0010u)
#define CPU_PLL_480 (1u << 2)
#define CPU_FROM_480_BY_2 2u /* CPUPERIOD_SEL: 240 MHz */
#define CPU_PERIOD 3u
#define SYSTEM_CLOCK CHIP_REGISTER(0x600C0060u)
#define CLOCK_SOURCE (3u << 10)
#define CLOCK_SOURCE_PLL (1u << 10)
#define CLOCK_DIVIDER 0x3FFu

/* The bus to the analogue registers; what goes over it is for the ROM's functions (esp32s3.rom.ld of ESP-IDF)
 */
#define ANALOGUE_PLL_AT 0x6000E040u
#define ANALOGUE_PLL CHIP_REGISTER(ANALOGUE_PLL_AT)
#define PLL_CALIBRATION_STOP (1u << 2)
#define PLL_CALIBRATION_RUN (1u << 3)
#define PLL_CALIBRATED (1u << 24)
#define ANALOGUE_CONFIG CHIP_REGISTER(0x6000E044u)
#define CONFIG_ALL_OFF (0x3FFu << 8)
#define CONFIG_PLL_OFF (1u << 17)
#define HOST 1u
#define BLOCK_PLL 0x66u
#define BLOCK_DIGITAL 0x6Du /* the regulators of the digital part */
#define ROM_READ_ANALOGUE 0x40005D48u
#define ROM_WRITE_ANALOGUE 0x40005D60u

#define UART_DIVIDER CHIP_REGISTER(ESP_UART0 + 0x14u)
#define UART_CLOCK CHIP_REGISTER(ESP_UART0 + 0x78u)
#define UART_CLOCK_SOURCE (3u << 20)
#define UART_CLOCK_CRYSTAL (3u << 20)
#define UART_CLOCK_DIVIDER (0xFFu << 12)

#define BOOT_MHZ 40u /* the ROM runs on the crystal */

static void stop_watchdogs(void) {
    RTC_WDT_PROTECT = WDT_KEY;
    RTC_WDT_CONFIG0 = 0;
    RTC_SWD_PROTECT = SWD_KEY;
    RTC_SWD_CONFIG |= SWD_AUTO_FEED;
    CHIP_REGISTER(TIMER_GROUP_0 + TIMER_WDT_PROTECT) = WDT_KEY;
    CHIP_REGISTER(TIMER_GROUP_0 + TIMER_WDT_CONFIG0) = 0;
    CHIP_REGISTER(TIMER_GROUP_1 + TIMER_WDT_PROTECT) = WDT_KEY;
    CHIP_REGISTER(TIMER_GROUP_1 + TIMER_WDT_CONFIG0) = 0;
}

/* Sets the bits of `mask` in an analogue register. */
static void set_analogue(uint32_t block, uint32_t number, uint32_t mask, uint32_t value) {
    const uint32_t old = mask == 0xFF ? 0 : te_rom(ROM_READ_ANALOGUE, block, HOST, number, 0, 0);
    (void)te_rom(ROM_WRITE_ANALOGUE, block, HOST, number, (old & ~mask & 0xFF) | value, 0);
}

/* 480 MHz from the crystal's 40, then half of it for the CPU, at the voltage that it takes (ESP-IDF:
 * clk_ll_bbpll_set_config, rtc_clk_cpu_freq_to_pll_mhz). The wait has an end: where an emulator has no PLL,
 * its clock is what it is. */
static void set_clock(void) {
    ANALOGUE_CONFIG = (ANALOGUE_CONFIG | CONFIG_ALL_OFF) & ~CONFIG_PLL_OFF;
    RTC_OPTIONS0 &= ~OPTIONS0_PLL_OFF;
    SYSTEM_CPU |= CPU_PLL_480;
    ANALOGUE_PLL &= ~PLL_CALIBRATION_STOP;
    ANALOGUE_PLL |= PLL_CALIBRATION_RUN;
    set_analogue(BLOCK_PLL, 4, 0xFF, 0x6B); /* MODE_HF */
    set_analogue(BLOCK_PLL, 2, 0xFF, 0x50); /* charge pump 5, the reference undivided */
    set_analogue(BLOCK_PLL, 3, 0xFF, 8);    /* the feedback's divider */
    set_analogue(BLOCK_PLL, 5, 0x77, 0);    /* DR1, DR3 */
    set_analogue(BLOCK_PLL, 6, 0xFF, 0x73); /* current 3, references 3 and 1 */
    set_analogue(BLOCK_PLL, 9, 0x03, 3);    /* the oscillator's bias */
    chip_await(ANALOGUE_PLL_AT, PLL_CALIBRATED, PLL_CALIBRATED, BOOT_MHZ * 1000u);
    chip_wait(BOOT_MHZ * 10u);
    ANALOGUE_PLL &= ~PLL_CALIBRATION_RUN;
    ANALOGUE_PLL |= PLL_CALIBRATION_STOP;

    set_analogue(BLOCK_DIGITAL, 4, 0x1F, 28);
    set_analogue(BLOCK_DIGITAL, 6, 0x1F, 28);
    chip_wait(BOOT_MHZ * 40u);
    RTC_DATE &= ~DATE_SLAVES_OFF;
    SYSTEM_CPU = (SYSTEM_CPU & ~CPU_PERIOD) | CPU_FROM_480_BY_2;
    SYSTEM_CLOCK = (SYSTEM_CLOCK & ~(CLOCK_SOURCE | CLOCK_DIVIDER)) | CLOCK_SOURCE_PLL;
}

uint32_t te_cycles(void) { return chip_cycles(); }

/* Coprocessor 3 is the vector unit; nobody else uses it, so that nobody saves it. */
static void enable_vectors(void) {
    register uint32_t units __asm__("a2") = 1u << 3;
    __asm__ volatile(".byte 0x20, 224, 0x13\n rsync" ::"r"(units)); /* WSR.CPENABLE a2 (xtensa/start.S) */
}

void te_chip_init(void) {
    enable_vectors();
    stop_watchdogs();
    set_clock();
    te_cache_init();
}

/* From the crystal, which stays when the CPU's clock changes. */
void te_uart_divide(uint32_t divider) {
    UART_CLOCK = (UART_CLOCK & ~(UART_CLOCK_SOURCE | UART_CLOCK_DIVIDER)) | UART_CLOCK_CRYSTAL;
    UART_DIVIDER = (divider & 15u) << 20 | divider >> 4;
}

_Noreturn void hal_reset(void) {
    te_line_drain();
    RTC_OPTIONS0 |= OPTIONS0_RESET;
    for (;;) {
    }
}
