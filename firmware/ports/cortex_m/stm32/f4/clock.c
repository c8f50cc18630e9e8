/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the chip from whatever clock it was started with to TE_BOARD_CLOCK_HZ; te_clock_hz says what came of
 * it. */
#include "clock.h"

#include <stdbool.h>

#include "chip.h"
#include "crystal.h"
#include "wait.h"

/* RM0390 (STM32F446), RM0090 (STM32F405) and RM0383 (STM32F411), chapters "Reset and clock control", "Power
 * controller" and "Embedded Flash memory interface" */
#define RCC_CR CHIP_REGISTER(0x40023800u)
#define RCC_PLLCFGR CHIP_REGISTER(0x40023804u)
#define RCC_CFGR CHIP_REGISTER(0x40023808u)
#define RCC_APB1ENR CHIP_REGISTER(0x40023840u)
#define FLASH_ACR CHIP_REGISTER(0x40023C00u)
#define PWR_CR CHIP_REGISTER(0x40007000u)
#define PWR_CSR CHIP_REGISTER(0x40007004u)

#define CR_HSION (1u << 0)
#define CR_HSIRDY (1u << 1)
#define CR_PLLON (1u << 24)
#define CR_PLLRDY (1u << 25)
#define PLLCFGR_N_SHIFT 6u
#define PLLCFGR_P_HALF 0u /* bits 17:16: what the PLL gives is half of its oscillator */
#define PLLCFGR_HSE (1u << 22)
#define PLLCFGR_Q_SHIFT 24u
#define PLLCFGR_KEPT (15u << 28) /* R of the STM32F446, reserved in the STM32F405 */
#define CFGR_SW_PLL 2u
#define CFGR_SWS (3u << 2)
#define CFGR_SWS_PLL (2u << 2)
#define CFGR_PPRE1_SHIFT 10u
#define CFGR_PPRE2_SHIFT 13u
#define PPRE(divider) ((divider) == 1u ? 0u : (divider) == 2u ? 4u : 5u)
#define APB1ENR_PWR (1u << 28)
#define ACR_PREFETCH (1u << 8)
#define ACR_CACHES (3u << 9) /* instructions and data */
#define CR_ODEN (1u << 16)
#define CR_ODSWEN (1u << 17)
#define CSR_ODRDY (1u << 16)
#define CSR_ODSWRDY (1u << 17)

/* The PLL divides its source to TE_BOARD_PLL_INPUT_HZ (1 to 2 MHz), multiplies that to 100 to 432 MHz, and
 * gives half of it; Q, for USB, which nobody uses here, takes that to 48 MHz or below. */
#define PLL_VCO_HZ (2u * TE_BOARD_CLOCK_HZ)
#define PLL_N (PLL_VCO_HZ / TE_BOARD_PLL_INPUT_HZ)
#define PLL_Q ((PLL_VCO_HZ + 48000000u - 1u) / 48000000u)
_Static_assert(TE_BOARD_PLL_INPUT_HZ >= 1000000u && TE_BOARD_PLL_INPUT_HZ <= 2000000u, "1 to 2 MHz");
_Static_assert(PLL_VCO_HZ >= 100000000u && PLL_VCO_HZ <= 432000000u, "100 to 432 MHz");
_Static_assert(PLL_VCO_HZ % TE_BOARD_PLL_INPUT_HZ == 0 && PLL_N >= 50 && PLL_N <= 432, "an exact factor");
_Static_assert(TE_BOARD_CRYSTAL_HZ % TE_BOARD_PLL_INPUT_HZ == 0 && CLOCK_HSI_HZ % TE_BOARD_PLL_INPUT_HZ == 0,
               "exact");
_Static_assert(TE_BOARD_APB1_DIVIDER == 2u || TE_BOARD_APB1_DIVIDER == 4u, "APB1 is the slow one");
_Static_assert(TE_BOARD_APB2_DIVIDER == 1u || TE_BOARD_APB2_DIVIDER == 2u, "at most twice as fast");

/* "Relation between CPU clock frequency and Flash memory read time": one wait state for each 30 MHz above the
 * first, at 2.7 to 3.6 V */
#define FLASH_WAITS ((TE_BOARD_CLOCK_HZ - 1u) / 30000000u)

uint32_t te_clock_hz;

/* Back to what a reset gives: a boot loader may have started us on its own PLL, which cannot be changed while
 * it runs. The flash keeps its wait states until the clock is known. */
static bool to_hsi(void) {
    RCC_CR |= CR_HSION;
    if (!wait_until(&RCC_CR, CR_HSIRDY, CR_HSIRDY)) {
        return false;
    }
    RCC_CFGR = 0;
    if (!wait_until(&RCC_CFGR, CFGR_SWS, 0)) {
        return false;
    }
    RCC_CR &= ~CR_PLLON;
    return wait_until(&RCC_CR, CR_PLLRDY, 0);
}

/* The regulator's highest voltage, which the chip needs above 64 to 144 MHz and takes once the PLL runs. */
static void full_voltage(void) {
    RCC_APB1ENR |= APB1ENR_PWR;
    (void)RCC_APB1ENR; /* errata: a clock needs two cycles; this read takes them */
    PWR_CR |= TE_BOARD_VOS;
}

/* The regulator's over-drive, without which the chip is slower. The PLL runs, and is not used yet. */
static bool overdrive(void) {
#if TE_BOARD_OVERDRIVE
    PWR_CR |= CR_ODEN;
    if (!wait_until(&PWR_CSR, CSR_ODRDY, CSR_ODRDY)) {
        return false;
    }
    PWR_CR |= CR_ODSWEN;
    return wait_until(&PWR_CSR, CSR_ODSWRDY, CSR_ODSWRDY);
#else
    return true;
#endif
}

void te_clock_init(void) {
    if (RCC_CR == 0) {
        /* No chip reads 0 here: one of its oscillators is on, or it would not run. An emulator without clocks
         * does (QEMU), and runs at the board's frequency. */
        te_clock_hz = TE_BOARD_CLOCK_HZ;
        return;
    }
    te_clock_hz = CLOCK_HSI_HZ;
    if (!to_hsi()) {
        return;
    }
    full_voltage();
    const uint32_t source = crystal_start(&RCC_CR) ? PLLCFGR_HSE | TE_BOARD_CRYSTAL_HZ / TE_BOARD_PLL_INPUT_HZ
                                                   : CLOCK_HSI_HZ / TE_BOARD_PLL_INPUT_HZ;
    RCC_PLLCFGR = (RCC_PLLCFGR & PLLCFGR_KEPT) | source | PLL_N << PLLCFGR_N_SHIFT | PLLCFGR_P_HALF |
                  PLL_Q << PLLCFGR_Q_SHIFT;
    RCC_CR |= CR_PLLON;
    if (!wait_until(&RCC_CR, CR_PLLRDY, CR_PLLRDY) || !overdrive()) {
        return;
    }
    const uint32_t waits = FLASH_WAITS | ACR_CACHES | (TE_BOARD_PREFETCH ? ACR_PREFETCH : 0u);
    FLASH_ACR = waits;
    if (!wait_until(&FLASH_ACR, waits, waits)) {
        return;
    }
    RCC_CFGR = PPRE(TE_BOARD_APB1_DIVIDER) << CFGR_PPRE1_SHIFT |
               PPRE(TE_BOARD_APB2_DIVIDER) << CFGR_PPRE2_SHIFT | CFGR_SW_PLL;
    if (wait_until(&RCC_CFGR, CFGR_SWS, CFGR_SWS_PLL)) {
        te_clock_hz = TE_BOARD_CLOCK_HZ;
    }
}
