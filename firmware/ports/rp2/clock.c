/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the crystal, gives the clock of CPU, buses and UART. Registers: RP2040 Datasheet 2.15
 * (clocks), 2.16 (crystal oscillator), 2.18 (PLL); RP2350 Datasheet 8.1, 8.2, 8.6, the same but for what
 * chip.h says. */
#include "rp2.h"
#include "te_board.h"

#define XOSC_CTRL CHIP_REGISTER(CHIP_XOSC + 0x00)
#define XOSC_STATUS CHIP_REGISTER(CHIP_XOSC + 0x04)
#define XOSC_STARTUP CHIP_REGISTER(CHIP_XOSC + 0x0C)
#define XOSC_CTRL_1_15MHZ 0xAA0u
#define XOSC_CTRL_ON (0xFABu << 12)
#define XOSC_STABLE (1u << 31)
/* In units of 256 periods of the crystal: 6 ms, for the slow crystals of some boards. */
#define XOSC_DELAY (TE_BOARD_CRYSTAL_HZ / 1000u * 6u / 256u)

#define PLL_CS CHIP_REGISTER(CHIP_PLL_SYS + 0x0)
#define PLL_PWR_CLEAR CHIP_REGISTER(CHIP_PLL_SYS + 0x4 + RP2_CLEAR)
#define PLL_FBDIV CHIP_REGISTER(CHIP_PLL_SYS + 0x8)
#define PLL_PRIM CHIP_REGISTER(CHIP_PLL_SYS + 0xC)
#define PLL_LOCKED (1u << 31)
#define PLL_PWR_MAIN_VCO (1u << 0 | 1u << 5)
#define PLL_PWR_POSTDIV (1u << 3)
#define PLL_HZ ((uint64_t)TE_BOARD_CRYSTAL_HZ * TE_BOARD_PLL_FACTOR)
_Static_assert(PLL_HZ >= 750000000u && PLL_HZ <= 1600000000u, "750 to 1600 MHz");
_Static_assert(PLL_HZ == (uint64_t)TE_BOARD_CLOCK_HZ * TE_BOARD_PLL_DIVIDER1 * TE_BOARD_PLL_DIVIDER2,
               "clock_hz");

#define CLK_REF_CTRL CHIP_REGISTER(CHIP_CLOCKS + 0x30)
#define CLK_REF_SELECTED CHIP_REGISTER(CHIP_CLOCKS + 0x38)
#define CLK_SYS_CTRL CHIP_REGISTER(CHIP_CLOCKS + 0x3C)
#define CLK_SYS_SELECTED CHIP_REGISTER(CHIP_CLOCKS + 0x44)
#define CLK_PERI_CTRL CHIP_REGISTER(CHIP_CLOCKS + 0x48)
#define CLK_REF_OF_XOSC 2u
#define CLK_SYS_OF_REF 0u
#define CLK_SYS_OF_AUX 1u /* of which source 0 is PLL_SYS */
#define CLK_PERI_ON (1u << 11)

/* Only the glitchless multiplexers may change while they run, so the CPU goes by way of the crystal: a
 * restart may find it on the PLL. */
void te_clock_init(void) {
    XOSC_STARTUP = XOSC_DELAY;
    XOSC_CTRL = XOSC_CTRL_ON | XOSC_CTRL_1_15MHZ;
    while ((XOSC_STATUS & XOSC_STABLE) == 0) {
    }
    CLK_REF_CTRL = CLK_REF_OF_XOSC;
    while (CLK_REF_SELECTED != 1u << CLK_REF_OF_XOSC) {
    }
    CLK_SYS_CTRL &= ~CLK_SYS_OF_AUX;
    while (CLK_SYS_SELECTED != 1u << CLK_SYS_OF_REF) {
    }
    te_reset_block(CHIP_RESET_PLL_SYS);
    PLL_CS = 1; /* the crystal's clock undivided */
    PLL_FBDIV = TE_BOARD_PLL_FACTOR;
    PLL_PWR_CLEAR = PLL_PWR_MAIN_VCO;
    while ((PLL_CS & PLL_LOCKED) == 0) {
    }
    PLL_PRIM = TE_BOARD_PLL_DIVIDER1 << 16 | TE_BOARD_PLL_DIVIDER2 << 12;
    PLL_PWR_CLEAR = PLL_PWR_POSTDIV;
    CLK_SYS_CTRL = CLK_SYS_OF_REF; /* the source of AUX changes while it is not in use */
    CLK_SYS_CTRL = CLK_SYS_OF_AUX;
    while (CLK_SYS_SELECTED != 1u << CLK_SYS_OF_AUX) {
    }
    CLK_PERI_CTRL = CLK_PERI_ON; /* of the CPU's clock */
}
