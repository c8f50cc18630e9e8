/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the chip from whatever clock it was started with to TE_BOARD_CLOCK_HZ; te_clock_hz says what came of
 * it. */
#include "clock.h"

#include <stdbool.h>

#include "chip.h"
#include "crystal.h"
#include "wait.h"

/* RM0432 (STM32L4+), chapters "Reset and clock control", "Power control" and "Embedded Flash memory" */
#define RCC_CR CHIP_REGISTER(0x40021000u)
#define RCC_CFGR CHIP_REGISTER(0x40021008u)
#define RCC_PLLCFGR CHIP_REGISTER(0x4002100Cu)
#define RCC_APB1ENR1 CHIP_REGISTER(0x40021058u)
#define PWR_CR1 CHIP_REGISTER(0x40007000u)
#define PWR_CR2 CHIP_REGISTER(0x40007004u)
#define PWR_SR2 CHIP_REGISTER(0x40007014u)
#define PWR_CR5 CHIP_REGISTER(0x40007080u)
#define FLASH_ACR CHIP_REGISTER(0x40022000u)

#define CR_HSION (1u << 8)
#define CR_HSIRDY (1u << 10)
#define CR_PLLON (1u << 24)
#define CR_PLLRDY (1u << 25)
#define CFGR_SW 3u
#define CFGR_SW_HSI 1u
#define CFGR_SW_PLL 3u
#define CFGR_SWS(source) ((source) << 2)
#define CFGR_HPRE (15u << 4)
#define CFGR_HPRE_HALF (8u << 4)
#define CFGR_BUSES (CFGR_HPRE | 7u << 8 | 7u << 11)
#define PLLCFGR_HSI 2u
#define PLLCFGR_HSE 3u
#define PLLCFGR_M(hz) (((hz) / TE_BOARD_PLL_INPUT_HZ - 1u) << 4)
#define PLLCFGR_N_SHIFT 8u
#define PLLCFGR_R_ON (1u << 24)
#define PLLCFGR_R(divider) (((divider) / 2u - 1u) << 25)
#define APB1ENR1_PWR (1u << 28)
#define CR1_VOS (3u << 9)
#define CR1_VOS_RANGE_1 (1u << 9)
#define CR2_IOSV (1u << 9)
#define SR2_VOSF (1u << 10)
#define CR5_R1MODE (1u << 8)
#define ACR_PREFETCH (1u << 8)
#define ACR_CACHES (3u << 9) /* instructions and data */

_Static_assert(TE_BOARD_PLL_INPUT_HZ >= 4000000u && TE_BOARD_PLL_INPUT_HZ <= 8000000u, "4 to 8 MHz");
_Static_assert(TE_BOARD_PLL_INPUT_HZ *TE_BOARD_PLL_FACTOR == TE_BOARD_CLOCK_HZ * TE_BOARD_PLL_DIVIDER,
               "exact");
_Static_assert(TE_BOARD_PLL_DIVIDER % 2u == 0 && TE_BOARD_PLL_DIVIDER <= 8u, "2, 4, 6 or 8");

/* "Number of wait states according to CPU clock (HCLK) frequency": one for each 20 MHz above the first, at
 * range 1 */
#define FLASH_WAITS ((TE_BOARD_CLOCK_HZ - 1u) / 20000000u)

/* Above, the regulator must be in its boost mode. */
#define NORMAL_HZ 80000000u

/* Of a wait, each three cycles at least: 5 us at 60 MHz */
#define HALF_TURNS 100u

uint32_t te_clock_hz;

/* A reset leaves the multi-speed oscillator at 4 MHz, a boot loader whatever it likes. */
static bool to_hsi(void) {
    RCC_CR |= CR_HSION;
    if (!wait_until(&RCC_CR, CR_HSIRDY, CR_HSIRDY)) {
        return false;
    }
    RCC_CFGR = (RCC_CFGR & ~CFGR_SW) | CFGR_SW_HSI;
    if (!wait_until(&RCC_CFGR, CFGR_SWS(CFGR_SW), CFGR_SWS(CFGR_SW_HSI))) {
        return false;
    }
    RCC_CFGR &= ~CFGR_BUSES; /* as fast as the CPU */
    RCC_CR &= ~CR_PLLON;
    return wait_until(&RCC_CR, CR_PLLRDY, 0);
}

static bool full_voltage(void) {
    RCC_APB1ENR1 |= APB1ENR1_PWR;
    (void)RCC_APB1ENR1;  /* errata: a clock needs two cycles; this read takes them */
    PWR_CR2 |= CR2_IOSV; /* port G has a supply of its own, and is cut off until that is said to be there */
    PWR_CR1 = (PWR_CR1 & ~CR1_VOS) | CR1_VOS_RANGE_1;
    if (!wait_until(&PWR_SR2, SR2_VOSF, 0)) {
        return false;
    }
    if (TE_BOARD_CLOCK_HZ > NORMAL_HZ) {
        PWR_CR5 &= ~CR5_R1MODE;
    }
    return true;
}

static bool pll(void) {
    const uint32_t source = crystal_start(&RCC_CR) ? PLLCFGR_HSE | PLLCFGR_M(TE_BOARD_CRYSTAL_HZ)
                                                   : PLLCFGR_HSI | PLLCFGR_M(CLOCK_HSI_HZ);
    RCC_PLLCFGR =
        source | TE_BOARD_PLL_FACTOR << PLLCFGR_N_SHIFT | PLLCFGR_R(TE_BOARD_PLL_DIVIDER) | PLLCFGR_R_ON;
    RCC_CR |= CR_PLLON;
    return wait_until(&RCC_CR, CR_PLLRDY, CR_PLLRDY);
}

void te_clock_init(void) {
    te_clock_hz = CLOCK_HSI_HZ;
    if (!to_hsi() || !full_voltage() || !pll()) {
        return;
    }
    const uint32_t waits = FLASH_WAITS | ACR_PREFETCH | ACR_CACHES;
    FLASH_ACR = waits;
    if (!wait_until(&FLASH_ACR, waits, waits)) {
        return;
    }
    /* "Dynamic voltage scaling management": beyond the normal speed by way of half of it, for 1 us at least */
    RCC_CFGR |= CFGR_HPRE_HALF;
    RCC_CFGR |= CFGR_SW_PLL;
    const bool switched = wait_until(&RCC_CFGR, CFGR_SWS(CFGR_SW), CFGR_SWS(CFGR_SW_PLL));
    for (volatile uint32_t turn = 0; turn < HALF_TURNS; turn++) {
    }
    RCC_CFGR &= ~CFGR_HPRE;
    if (switched) {
        te_clock_hz = TE_BOARD_CLOCK_HZ;
    }
}
