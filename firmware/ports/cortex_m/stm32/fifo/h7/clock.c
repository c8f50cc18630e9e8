/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the chip from whatever clock it was started with to TE_BOARD_CLOCK_HZ, with its caches on;
 * te_clock_hz says what came of it. */
#include "clock.h"

#include <stdbool.h>

#include "cache.h"
#include "chip.h"
#include "crystal.h"
#include "wait.h"

/* RM0433 (STM32H743), chapters "Reset and clock control", "Power control" and "Embedded flash memory" */
#define RCC_CR CHIP_REGISTER(0x58024400u)
#define RCC_CFGR CHIP_REGISTER(0x58024410u)
#define RCC_D1CFGR CHIP_REGISTER(0x58024418u)
#define RCC_D2CFGR CHIP_REGISTER(0x5802441Cu)
#define RCC_D3CFGR CHIP_REGISTER(0x58024420u)
#define RCC_PLLCKSELR CHIP_REGISTER(0x58024428u)
#define RCC_PLLCFGR CHIP_REGISTER(0x5802442Cu)
#define RCC_PLL1DIVR CHIP_REGISTER(0x58024430u)
#define PWR_CSR1 CHIP_REGISTER(0x58024804u)
#define PWR_CR3 CHIP_REGISTER(0x5802480Cu)
#define PWR_D3CR CHIP_REGISTER(0x58024818u)
#define FLASH_ACR CHIP_REGISTER(0x52002000u)

#define CR_HSION (1u << 0)
#define CR_HSIRDY (1u << 2)
#define CR_HSIDIV (3u << 3)
#define CR_PLL1ON (1u << 24)
#define CR_PLL1RDY (1u << 25)
#define CFGR_SW 7u
#define CFGR_SW_PLL1 3u
#define CFGR_SWS(source) ((source) << 3)
#define D1CFGR_HALF (8u << 0 | 4u << 4) /* AXI and AHB of the CPU's clock, APB3 of that */
#define D2CFGR_HALF (4u << 4 | 4u << 8) /* APB1 and APB2 */
#define D3CFGR_HALF (4u << 4)           /* APB4 */
#define PLLCKSELR_HSI 0u
#define PLLCKSELR_HSE 2u
#define PLLCKSELR_M(hz) ((hz) / TE_BOARD_PLL_INPUT_HZ << 4)
#define PLLCKSELR_PLL1 (3u | 63u << 4)
#define PLLCFGR_PLL1 15u
#define PLLCFGR_RANGE(hz) (((hz) > 8000000u ? 3u : (hz) > 4000000u ? 2u : 1u) << 2)
#define PLLCFGR_P_ON (1u << 16)
#define PLL1DIVR_P_SHIFT 9u
#define PLL1DIVR_Q_SHIFT 16u
#define PLL1DIVR_R_SHIFT 24u
#define CSR1_ACTVOSRDY (1u << 13)
#define CR3_BYPASS (1u << 0)
#define CR3_LDO (1u << 1)
#define CR3_UNDECIDED (1u << 2)
#define D3CR_VOSRDY (1u << 13)
#define D3CR_SCALE_1 (3u << 14)
#define ACR_ALL 0x3Fu

_Static_assert(TE_BOARD_PLL_INPUT_HZ >= 2000000u && TE_BOARD_PLL_INPUT_HZ <= 16000000u, "2 to 16 MHz");
_Static_assert(TE_BOARD_PLL_INPUT_HZ *TE_BOARD_PLL_FACTOR == TE_BOARD_CLOCK_HZ * TE_BOARD_PLL_DIVIDER,
               "exact");
_Static_assert(TE_BOARD_USART_DIVIDER == 4u, "the dividers above");

/* "FLASH recommended number of wait states and programming delay", at scale 1: by the AXI clock */
#define AXI_HZ (TE_BOARD_CLOCK_HZ / 2u)
#define FLASH_WAITS (AXI_HZ <= 70000000u ? 0u : AXI_HZ <= 140000000u ? 1u | 1u << 4 : 2u | 2u << 4)

uint32_t te_clock_hz;

static bool to_hsi(void) {
    RCC_CR = (RCC_CR & ~CR_HSIDIV) | CR_HSION;
    if (!wait_until(&RCC_CR, CR_HSIRDY, CR_HSIRDY)) {
        return false;
    }
    RCC_CFGR &= ~CFGR_SW;
    if (!wait_until(&RCC_CFGR, CFGR_SWS(CFGR_SW), 0)) {
        return false;
    }
    RCC_D1CFGR = 0;
    RCC_D2CFGR = 0;
    RCC_D3CFGR = 0;
    RCC_CR &= ~CR_PLL1ON;
    return wait_until(&RCC_CR, CR_PLL1RDY, 0);
}

/* The regulator is the core's supply: as long as that is not said, no other voltage can be had. */
static bool full_voltage(void) {
    PWR_CR3 = (PWR_CR3 & ~(CR3_UNDECIDED | CR3_BYPASS)) | CR3_LDO;
    if (!wait_until(&PWR_CSR1, CSR1_ACTVOSRDY, CSR1_ACTVOSRDY)) {
        return false;
    }
    PWR_D3CR |= D3CR_SCALE_1;
    return wait_until(&PWR_D3CR, D3CR_VOSRDY, D3CR_VOSRDY);
}

static bool pll(void) {
    const uint32_t source = crystal_start(&RCC_CR) ? PLLCKSELR_HSE | PLLCKSELR_M(TE_BOARD_CRYSTAL_HZ)
                                                   : PLLCKSELR_HSI | PLLCKSELR_M(CLOCK_HSI_HZ);
    RCC_PLLCKSELR = (RCC_PLLCKSELR & ~PLLCKSELR_PLL1) | source;
    RCC_PLLCFGR = (RCC_PLLCFGR & ~PLLCFGR_PLL1) | PLLCFGR_RANGE(TE_BOARD_PLL_INPUT_HZ) | PLLCFGR_P_ON;
    /* Q and R, which nobody uses here, halve. */
    RCC_PLL1DIVR = (TE_BOARD_PLL_FACTOR - 1u) | (TE_BOARD_PLL_DIVIDER - 1u) << PLL1DIVR_P_SHIFT |
                   1u << PLL1DIVR_Q_SHIFT | 1u << PLL1DIVR_R_SHIFT;
    RCC_CR |= CR_PLL1ON;
    return wait_until(&RCC_CR, CR_PLL1RDY, CR_PLL1RDY);
}

void te_clock_init(void) {
    te_clock_hz = CLOCK_HSI_HZ;
    te_caches_on();
    if (!to_hsi() || !full_voltage() || !pll()) {
        return;
    }
    FLASH_ACR = FLASH_WAITS;
    if (!wait_until(&FLASH_ACR, ACR_ALL, FLASH_WAITS)) {
        return;
    }
    RCC_D1CFGR = D1CFGR_HALF;
    RCC_D2CFGR = D2CFGR_HALF;
    RCC_D3CFGR = D3CFGR_HALF;
    RCC_CFGR |= CFGR_SW_PLL1;
    if (wait_until(&RCC_CFGR, CFGR_SWS(CFGR_SW), CFGR_SWS(CFGR_SW_PLL1))) {
        te_clock_hz = TE_BOARD_CLOCK_HZ;
        return;
    }
    (void)to_hsi();
}
