/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the FE310-G002's crystal of 16 MHz, gives the core clock. Registers: FE310-G002 Manual,
 * "Clock Generation". */
#include "chip.h"
#include "te_board.h"

#define PRCI 0x10008000u
#define HFROSCCFG CHIP_REGISTER(PRCI + 0x0)
#define HFXOSCCFG CHIP_REGISTER(PRCI + 0x4)
#define PLLCFG CHIP_REGISTER(PRCI + 0x8)
#define PLLOUTDIV CHIP_REGISTER(PRCI + 0xC)
#define OSCILLATOR_ON (1u << 30)
#define OSCILLATOR_READY (1u << 31)
#define PLL_SELECTED (1u << 16)
#define PLL_OF_CRYSTAL (1u << 17)
#define PLL_BYPASSED (1u << 18)
#define PLL_LOCKED (1u << 31)
#define OUTDIV_BY_1 (1u << 8)

/* 16 MHz / (R + 1) * 2 * (F + 1) / 2^Q, of which the first quotient is to be 6 to 12 MHz, the product 384 to
 * 768. */
#define PLL_R 1u
#define PLL_F 39u
#define PLL_Q 1u
#define PLL_SETTING (PLL_OF_CRYSTAL | PLL_Q << 10 | PLL_F << 4 | PLL_R)
_Static_assert(TE_BOARD_CLOCK_HZ == 16000000u / (PLL_R + 1) * 2 * (PLL_F + 1) >> PLL_Q, "clock_hz");

/* The PLL's lock bit says nothing for 100 us; the clock is then the ring oscillator's, of at most 72 MHz. */
#define SETTLING 7200u

static void wait_ready(volatile uint32_t *oscillator) {
    *oscillator |= OSCILLATOR_ON;
    while ((*oscillator & OSCILLATOR_READY) == 0) {
    }
}

void te_wait_cycles(uint32_t count) {
    uint32_t start;
    uint32_t now;
    CHIP_READ_CSR("mcycle", start);
    do {
        CHIP_READ_CSR("mcycle", now);
    } while (now - start < count);
}

/* The bootloader may have left the core on the PLL, which must not be changed under it. The flash is read at
 * an eighth of the core clock, as it is out of reset (SPI, sckdiv = 3): 40 MHz at 320, and it can do 50. */
void te_clock_init(void) {
    wait_ready(&HFROSCCFG);
    wait_ready(&HFXOSCCFG);
    PLLCFG &= ~PLL_SELECTED;
    PLLCFG = PLL_SETTING | PLL_BYPASSED;
    PLLOUTDIV = OUTDIV_BY_1;
    PLLCFG = PLL_SETTING;
    te_wait_cycles(SETTLING);
    while ((PLLCFG & PLL_LOCKED) == 0) {
    }
    PLLCFG = PLL_SETTING | PLL_SELECTED;
}
