/* SPDX-License-Identifier: Apache-2.0 */
/* The high-speed external oscillator of an STM32: bits of RCC_CR that are the same in F4, L4, H7 and U5
 * (RM0390, RM0432, RM0433, RM0456, chapter "Reset and clock control"). */
#ifndef CRYSTAL_H
#define CRYSTAL_H

#include <stdbool.h>
#include <stdint.h>

#include "te_board.h"
#include "wait.h"

#define CR_HSEON (1u << 16)
#define CR_HSERDY (1u << 17)
#define CR_HSEBYP (1u << 18)

/* Starts the crystal, or takes the clock at OSC_IN, where the board has one. False where it has none, or where
 * it does not start: the internal oscillator, right to 1 % at 25 to 30 degrees, is the PLL's source then, which
 * makes the same frequency of both. */
static inline bool crystal_start(volatile uint32_t *rcc_cr) {
#if TE_BOARD_CRYSTAL_HZ
    *rcc_cr |= TE_BOARD_CRYSTAL_BYPASS ? CR_HSEBYP : 0u; /* may be set only before the next */
    *rcc_cr |= CR_HSEON;
    if (wait_until(rcc_cr, CR_HSERDY, CR_HSERDY)) {
        return true;
    }
    *rcc_cr &= ~(CR_HSEON | CR_HSEBYP);
#else
    (void)rcc_cr;
#endif
    return false;
}

#endif
