/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the chip from whatever clock its boot ROM left to TE_BOARD_CLOCK_HZ; te_clock_hz says what came of
 * it.
 */
#include "clock.h"

#include <stdbool.h>

#include "chip.h"
#include "te_board.h"
#include "wait.h"

/* RM0486 (STM32N6x7), chapters "Reset and clock control" and "Power control"; in the secure alias, as the
 * boot ROM starts us in Secure state */
#define RCC 0x56028000u
#define RCC_SR CHIP_REGISTER(RCC + 0x004u)
#define RCC_CFGR1 CHIP_REGISTER(RCC + 0x020u)
#define RCC_CFGR2 CHIP_REGISTER(RCC + 0x024u)
#define RCC_HSICFGR CHIP_REGISTER(RCC + 0x048u)
#define RCC_PLL1CFGR1 CHIP_REGISTER(RCC + 0x080u)
#define RCC_PLL1CFGR2 CHIP_REGISTER(RCC + 0x084u)
#define RCC_PLL1CFGR3 CHIP_REGISTER(RCC + 0x088u)
#define RCC_IC1CFGR CHIP_REGISTER(RCC + 0x0C4u)
#define RCC_IC2CFGR CHIP_REGISTER(RCC + 0x0C8u)
#define RCC_IC6CFGR CHIP_REGISTER(RCC + 0x0D8u)
#define RCC_IC11CFGR CHIP_REGISTER(RCC + 0x0ECu)
#define RCC_CSR CHIP_REGISTER(RCC + 0x800u) /* sets bits of CR */
#define RCC_DIVENSR CHIP_REGISTER(RCC + 0xA40u)
#define RCC_AHB4ENSR CHIP_REGISTER(RCC + 0xA5Cu)
#define RCC_AHB4ENR CHIP_REGISTER(RCC + 0x25Cu)
#define RCC_CCR CHIP_REGISTER(RCC + 0x1000u) /* clears bits of CR */
#define PWR_CR1 CHIP_REGISTER(0x56024800u)
#define PWR_VOSCR CHIP_REGISTER(0x56024820u)

#define CR_HSI (1u << 3) /* in SR: ready; in CSR and CCR: on */
#define CR_PLL1 (1u << 8)
#define HSICFGR_HSIDIV (3u << 7)
#define CFGR1_CPUSW_IC1 (3u << 16)
#define CFGR1_CPUSWS (3u << 20)
#define CFGR1_SYSSW_ICS (3u << 24) /* IC2, IC6 and IC11 */
#define CFGR1_SYSSWS (3u << 28)
#define CFGR1_SWITCHES (3u << 16 | 3u << 24)
#define CFGR2_HPRE_HALF (1u << 20) /* AHB at 200 MHz, APBs the same */
#define PLL1CFGR1_N_SHIFT 8u
#define PLL1CFGR1_M_SHIFT 20u
#define PLL1CFGR1_KEPT 0xFFu
#define PLL1CFGR3_RESET (1u << 0) /* of the modulation */
#define PLL1CFGR3_NO_SPREAD (1u << 2)
#define PLL1CFGR3_P2_SHIFT 24u
#define PLL1CFGR3_P1_SHIFT 27u
#define PLL1CFGR3_OUTPUT (1u << 30)
#define IC_DIVIDER(n) (((n) - 1u) << 16) /* of PLL1, which is source 0 */
#define DIVEN_IC1_2_6_11 (1u << 0 | 1u << 1 | 1u << 5 | 1u << 10)
#define AHB4EN_PWR (1u << 18)
#define CR1_SDEN (1u << 2)
#define VOSCR_ACTVOSRDY (1u << 17)

/* HSI 64 MHz / 4 * 75 = 1200 MHz; CPU half of it, buses (IC2, IC11) a third, NPU (IC6) a quarter. 600 MHz is
 * what the core voltage allows that the chip starts with (DS14791, "General operating conditions"). */
#define PLL_M 4u
#define PLL_N 75u
_Static_assert(CLOCK_HSI_HZ / PLL_M * PLL_N / 2u == TE_BOARD_CLOCK_HZ, "the dividers below give 600 MHz");

uint32_t te_clock_hz;

/* The PLL cannot be changed while the CPU runs on it, as the boot ROM leaves it. */
static bool to_hsi(void) {
    RCC_HSICFGR &= ~HSICFGR_HSIDIV;
    RCC_CSR = CR_HSI;
    if (!wait_until(&RCC_SR, CR_HSI, CR_HSI)) {
        return false;
    }
    RCC_CFGR1 &= ~CFGR1_SWITCHES;
    return wait_until(&RCC_CFGR1, CFGR1_CPUSWS | CFGR1_SYSSWS, 0);
}

/* The board feeds the core by a regulator of its own: the chip's is turned off. */
static bool supply(void) {
    RCC_AHB4ENSR = AHB4EN_PWR;
    (void)RCC_AHB4ENR; /* a clock needs two cycles; this read takes them */
    PWR_CR1 &= ~CR1_SDEN;
    return wait_until(&PWR_VOSCR, VOSCR_ACTVOSRDY, VOSCR_ACTVOSRDY);
}

static bool pll(void) {
    RCC_CCR = CR_PLL1;
    if (!wait_until(&RCC_SR, CR_PLL1, 0)) {
        return false;
    }
    RCC_PLL1CFGR1 =
        (RCC_PLL1CFGR1 & PLL1CFGR1_KEPT) | PLL_N << PLL1CFGR1_N_SHIFT | PLL_M << PLL1CFGR1_M_SHIFT;
    RCC_PLL1CFGR2 = 0; /* no fraction */
    RCC_PLL1CFGR3 = PLL1CFGR3_RESET | PLL1CFGR3_NO_SPREAD | 1u << PLL1CFGR3_P2_SHIFT |
                    1u << PLL1CFGR3_P1_SHIFT | PLL1CFGR3_OUTPUT;
    RCC_CSR = CR_PLL1;
    return wait_until(&RCC_SR, CR_PLL1, CR_PLL1);
}

void te_clock_init(void) {
    te_clock_hz = CLOCK_HSI_HZ;
    if (!to_hsi() || !supply() || !pll()) {
        return;
    }
    RCC_CFGR2 = CFGR2_HPRE_HALF;
    RCC_IC1CFGR = IC_DIVIDER(2u);
    RCC_IC2CFGR = IC_DIVIDER(3u);
    RCC_IC6CFGR = IC_DIVIDER(4u);
    RCC_IC11CFGR = IC_DIVIDER(3u);
    RCC_DIVENSR = DIVEN_IC1_2_6_11;
    RCC_CFGR1 |= CFGR1_CPUSW_IC1;
    if (!wait_until(&RCC_CFGR1, CFGR1_CPUSWS, CFGR1_CPUSWS)) {
        return;
    }
    te_clock_hz = TE_BOARD_CLOCK_HZ;
    /* Should the buses stay on the HSI, the CPU's clock is right all the same. */
    RCC_CFGR1 |= CFGR1_SYSSW_ICS;
    (void)wait_until(&RCC_CFGR1, CFGR1_SYSSWS, CFGR1_SYSSWS);
}
