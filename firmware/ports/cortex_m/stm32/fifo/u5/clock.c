/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the chip from whatever clock it was started with to TE_BOARD_CLOCK_HZ; te_clock_hz says what came of
 * it. */
#include "clock.h"

#include <stdbool.h>

#include "chip.h"
#include "crystal.h"
#include "wait.h"

/* RM0456 (STM32U5), chapters "Reset and clock control", "Power control", "Embedded flash memory" and
 * "Instruction cache"; the chip as ST sells it, with TrustZone off. */
#define RCC_CR CHIP_REGISTER(0x46020C00u)
#define RCC_CFGR1 CHIP_REGISTER(0x46020C1Cu)
#define RCC_CFGR2 CHIP_REGISTER(0x46020C20u)
#define RCC_CFGR3 CHIP_REGISTER(0x46020C24u)
#define RCC_PLL1CFGR CHIP_REGISTER(0x46020C28u)
#define RCC_PLL1DIVR CHIP_REGISTER(0x46020C34u)
#define RCC_AHB3ENR CHIP_REGISTER(0x46020C94u)
#define PWR_VOSR CHIP_REGISTER(0x4602080Cu)
#define PWR_SVMCR CHIP_REGISTER(0x46020810u)
#define FLASH_ACR CHIP_REGISTER(0x40022000u)
#define ICACHE_CR CHIP_REGISTER(0x40030400u)

#define CR_HSION (1u << 8)
#define CR_HSIRDY (1u << 10)
#define CR_PLL1ON (1u << 24)
#define CR_PLL1RDY (1u << 25)
#define CFGR1_SW 3u
#define CFGR1_SW_HSI 1u
#define CFGR1_SW_PLL1 3u
#define CFGR1_SWS(source) ((source) << 2)
#define PLL1CFGR_HSI 2u
#define PLL1CFGR_HSE 3u
#define PLL1CFGR_RANGE_8_16 (3u << 2)
#define PLL1CFGR_M(hz) (((hz) / TE_BOARD_PLL_INPUT_HZ - 1u) << 8)
/* The regulator's booster takes the PLL's source, divided to 16 MHz at most: by 1, 2 or 4. */
#define PLL1CFGR_BOOST(hz) (((hz) <= 16000000u ? 0u : (hz) <= 32000000u ? 1u : 2u) << 12)
#define PLL1CFGR_R_ON (1u << 18)
#define PLL1DIVR_P_SHIFT 9u
#define PLL1DIVR_Q_SHIFT 16u
#define PLL1DIVR_R_SHIFT 24u
#define AHB3ENR_PWR (1u << 2)
#define VOSR_BOOSTRDY (1u << 14)
#define VOSR_VOSRDY (1u << 15)
#define VOSR_RANGE_1 (3u << 16)
#define VOSR_BOOSTEN (1u << 18)
#define SVMCR_IO2SV (1u << 29)
#define ACR_PREFETCH (1u << 8)
#define ICACHE_ON 1u

_Static_assert(TE_BOARD_PLL_INPUT_HZ >= 4000000u && TE_BOARD_PLL_INPUT_HZ <= 16000000u, "4 to 16 MHz");
_Static_assert(TE_BOARD_PLL_INPUT_HZ *TE_BOARD_PLL_FACTOR == TE_BOARD_CLOCK_HZ * TE_BOARD_PLL_DIVIDER,
               "exact");

/* "Number of wait states according to CPU clock frequency": one for each 32 MHz above the first, at range 1 */
#define FLASH_WAITS ((TE_BOARD_CLOCK_HZ - 1u) / 32000000u)

uint32_t te_clock_hz;

static bool to_hsi(void) {
    RCC_CR |= CR_HSION;
    if (!wait_until(&RCC_CR, CR_HSIRDY, CR_HSIRDY)) {
        return false;
    }
    RCC_CFGR1 = (RCC_CFGR1 & ~CFGR1_SW) | CFGR1_SW_HSI;
    if (!wait_until(&RCC_CFGR1, CFGR1_SWS(CFGR1_SW), CFGR1_SWS(CFGR1_SW_HSI))) {
        return false;
    }
    RCC_CFGR2 = 0; /* buses as fast as the CPU */
    RCC_CFGR3 = 0;
    RCC_CR &= ~CR_PLL1ON;
    return wait_until(&RCC_CR, CR_PLL1RDY, 0);
}

/* The highest voltage, and the booster, without which the chip does 55 MHz. It needs PLL1's source. */
static bool full_voltage(void) {
    RCC_AHB3ENR |= AHB3ENR_PWR;
    (void)RCC_AHB3ENR; /* errata: a clock needs two cycles; this read takes them */
    PWR_SVMCR |=
        SVMCR_IO2SV; /* port G has a supply of its own, and is cut off until that is said to be there */
    PWR_VOSR |= VOSR_RANGE_1;
    if (!wait_until(&PWR_VOSR, VOSR_VOSRDY, VOSR_VOSRDY)) {
        return false;
    }
    PWR_VOSR |= VOSR_BOOSTEN;
    return wait_until(&PWR_VOSR, VOSR_BOOSTRDY, VOSR_BOOSTRDY);
}

static bool pll(void) {
    const uint32_t source =
        crystal_start(&RCC_CR)
            ? PLL1CFGR_HSE | PLL1CFGR_M(TE_BOARD_CRYSTAL_HZ) | PLL1CFGR_BOOST(TE_BOARD_CRYSTAL_HZ)
            : PLL1CFGR_HSI | PLL1CFGR_M(CLOCK_HSI_HZ) | PLL1CFGR_BOOST(CLOCK_HSI_HZ);
    RCC_PLL1CFGR = source | (TE_BOARD_PLL_INPUT_HZ > 8000000u ? PLL1CFGR_RANGE_8_16 : 0u) | PLL1CFGR_R_ON;
    if (!full_voltage()) {
        return false;
    }
    /* P and Q, which nobody uses here, halve. */
    RCC_PLL1DIVR = (TE_BOARD_PLL_FACTOR - 1u) | 1u << PLL1DIVR_P_SHIFT | 1u << PLL1DIVR_Q_SHIFT |
                   (TE_BOARD_PLL_DIVIDER - 1u) << PLL1DIVR_R_SHIFT;
    RCC_CR |= CR_PLL1ON;
    return wait_until(&RCC_CR, CR_PLL1RDY, CR_PLL1RDY);
}

void te_clock_init(void) {
    te_clock_hz = CLOCK_HSI_HZ;
    if (!to_hsi() || !pll()) {
        return;
    }
    const uint32_t waits = FLASH_WAITS | ACR_PREFETCH;
    FLASH_ACR = waits;
    if (!wait_until(&FLASH_ACR, waits, waits)) {
        return;
    }
    ICACHE_CR |= ICACHE_ON;
    RCC_CFGR1 = (RCC_CFGR1 & ~CFGR1_SW) | CFGR1_SW_PLL1;
    if (wait_until(&RCC_CFGR1, CFGR1_SWS(CFGR1_SW), CFGR1_SWS(CFGR1_SW_PLL1))) {
        te_clock_hz = TE_BOARD_CLOCK_HZ;
    }
}
