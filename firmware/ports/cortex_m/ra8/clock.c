/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the chip from whatever clock it was started with to TE_BOARD_CLOCK_HZ, with its caches on;
 * te_clock_hz says what came of it. */
#include "clock.h"

#include <stdbool.h>

#include "cache.h"
#include "chip.h"

/* RA8M1 User's Manual: Hardware, "Clock Generation Circuit", "Register Write Protection", "SRAM", "Flash
 * Memory"; addresses and fields by Renesas's CMSIS header R7FA8M1AH.h, waits and order by its FSP (bsp_clocks.c). */
#define SYSTEM 0x4001E000u
#define SCKDIVCR CHIP_REGISTER(SYSTEM + 0x020u)
#define SCKDIVCR2 CHIP_BYTE(SYSTEM + 0x024u)
#define SCKSCR CHIP_BYTE(SYSTEM + 0x026u)
#define PLLCCR CHIP_HALF(SYSTEM + 0x028u)
#define PLLCR CHIP_BYTE(SYSTEM + 0x02Au)
#define MOSCCR CHIP_BYTE(SYSTEM + 0x032u)
#define MOCOCR CHIP_BYTE(SYSTEM + 0x038u)
#define OSCSF CHIP_BYTE(SYSTEM + 0x03Cu)
#define PLLCCR2 CHIP_HALF(SYSTEM + 0x04Cu)
#define SCICKDIVCR CHIP_BYTE(SYSTEM + 0x054u)
#define SCICKCR CHIP_BYTE(SYSTEM + 0x055u)
#define MOSCWTCR CHIP_BYTE(SYSTEM + 0x0A2u)
#define PRCR CHIP_HALF(SYSTEM + 0x3FAu)
#define MOMCR CHIP_BYTE(SYSTEM + 0xA50u)
#define SRAMPRCR CHIP_HALF(0x40002000u)
#define SRAMWTSC CHIP_BYTE(0x40002008u)
#define FCACHEE CHIP_HALF(0x4001C100u)
#define FCACHEIV CHIP_HALF(0x4001C104u)
#define FLWT CHIP_BYTE(0x4001C11Cu)

#define SOURCE_MOCO 1u
#define SOURCE_PLL1P 5u
#define OSCSF_MOSC (1u << 3)
#define OSCSF_PLL1 (1u << 5)
#define STOPPED 1u
#define PRCR_LOCKED 0xA500u
#define PRCR_CLOCKS 0xA501u
#define SRAMPRCR_LOCKED 0xA500u
#define SRAMPRCR_OPEN 0xA501u
#define MOMCR_DRIVE (TE_BOARD_CRYSTAL_HZ >= 24000000u ? 5u << 1 : 3u << 1)
#define MOMCR_FIXED (1u << 5) /* FSP writes it */
#define MOMCR_EXTERNAL (1u << 6)
#define MOSCWTCR_LONGEST 9u
#define PLLCCR_FACTOR(by) (((by) - 1u) << 8)
#define DIVIDE_2 1u
#define DIVIDE_4 2u
#define DIVIDE_8 3u
#define SCICK_DIVIDE_4 2u
#define SCICK_REQUEST (1u << 6)
#define SCICK_READY (1u << 7)
/* PCLKD, PCLKC, PCLKB, PCLKA, BCLK, PCLKE, ICLK, FCLK */
#define DIVIDERS                                                                                             \
    (DIVIDE_4 << 0 | DIVIDE_8 << 4 | DIVIDE_8 << 8 | DIVIDE_4 << 12 | DIVIDE_4 << 16 | DIVIDE_2 << 20 |      \
     DIVIDE_2 << 24 | DIVIDE_8 << 28)

/* Wait states: of flash one for each 48 MHz of the bus, of SRAM above 120 MHz */
#define BUS_HZ (TE_BOARD_CLOCK_HZ / 2u)
#define FLASH_WAITS ((BUS_HZ - 1u) / 48000000u)
#define SRAM_WAITS (BUS_HZ > 120000000u ? 1u : 0u)

_Static_assert(TE_BOARD_CRYSTAL_HZ / TE_BOARD_PLL_SOURCE_DIVIDER * TE_BOARD_PLL_FACTOR ==
                   TE_BOARD_CLOCK_HZ * TE_BOARD_PLL_DIVIDER,
               "exact");
_Static_assert(TE_BOARD_PLL_DIVIDER == 2u || TE_BOARD_PLL_DIVIDER == 4u || TE_BOARD_PLL_DIVIDER == 8u, "");
_Static_assert(CLOCK_SCI_DIVIDER == 4u, "SCICK_DIVIDE_4");

/* Cortex-M85 TRM, "MSCR", "ACTLR"; until r1p1 the data cache writes through, and bit 16 is set: errata 3175626
 * and 3190818 (SDEN-2236668) */
#define CPUID CHIP_REGISTER(0xE000ED00u)
#define CPUID_VARIANT_REVISION(id) (((id) >> 16 & 0xF0u) | ((id) & 0xFu))
#define ACTLR CHIP_REGISTER(0xE000E008u)
#define ACTLR_ERRATA (1u << 16)
#define MSCR CHIP_REGISTER(0xE001E000u)
#define MSCR_WRITE_THROUGH (1u << 2)
#define CCR CHIP_REGISTER(0xE000ED14u)
#define CCR_BRANCH_PREDICTION (1u << 18)

#define LOOKS 160000u /* some ten cycles each: 0.2 s on the MOCO, and a crystal has started after 10 ms */

uint32_t te_clock_hz;

static bool flags_become(uint8_t mask, uint8_t value) {
    for (uint32_t look = 0; look < LOOKS; look++) {
        if ((OSCSF & mask) == value) {
            return true;
        }
    }
    return false;
}

static void core(void) {
    CCR |= CCR_BRANCH_PREDICTION;
    if (CPUID_VARIANT_REVISION(CPUID) < 0x11u) {
        MSCR |= MSCR_WRITE_THROUGH;
        ACTLR |= ACTLR_ERRATA;
    }
    te_caches_on();
    FCACHEIV = 1;
    for (uint32_t look = 0; look < LOOKS && FCACHEIV != 0; look++) {
    }
    FCACHEE = 1;
}

/* What a reset starts with; a debugger may start us otherwise, and the PLL cannot be changed while it runs. */
static bool to_moco(void) {
    MOCOCR = 0;
    SCKSCR = SOURCE_MOCO;
    SCKDIVCR2 = 0;
    SCKDIVCR = 0;
    PLLCR = STOPPED;
    return flags_become(OSCSF_PLL1, 0);
}

/* Its drive and its wait can be set while it stands still alone; one that runs is as a start of ours left it. */
static bool crystal(void) {
    if (MOSCCR == STOPPED) {
        MOMCR = MOMCR_FIXED | MOMCR_DRIVE | (TE_BOARD_CRYSTAL_BYPASS ? MOMCR_EXTERNAL : 0u);
        MOSCWTCR = MOSCWTCR_LONGEST;
        MOSCCR = 0;
    }
    return flags_become(OSCSF_MOSC, OSCSF_MOSC);
}

/* Its outputs Q and R, which nobody uses here, are divided as P is. */
static bool pll(void) {
    const uint16_t divide = (uint16_t)(TE_BOARD_PLL_DIVIDER - 1u);
    PLLCCR = (uint16_t)(PLLCCR_FACTOR(TE_BOARD_PLL_FACTOR) | (TE_BOARD_PLL_SOURCE_DIVIDER - 1u));
    PLLCCR2 = (uint16_t)(divide | divide << 4 | divide << 8);
    PLLCR = 0;
    return flags_become(OSCSF_PLL1, OSCSF_PLL1);
}

/* The supply wants 150 us before the next change; a turn takes two cycles or more. */
static void settle(void) {
    for (volatile uint32_t turn = 0; turn < TE_BOARD_CLOCK_HZ / 1000000u * 150u / 2u; turn++) {
    }
}

/* From 8 MHz to the whole in two steps, of which none exceeds 240 MHz; no clock is ever faster than it may. */
static void to_pll(void) {
    SRAMPRCR = SRAMPRCR_OPEN;
    CHIP_BARRIER;
    SRAMWTSC = SRAM_WAITS;
    CHIP_BARRIER;
    SRAMPRCR = SRAMPRCR_LOCKED;
    FLWT = FLASH_WAITS;
    SCKDIVCR = DIVIDERS;
    SCKDIVCR2 = DIVIDE_2;
    SCKSCR = SOURCE_PLL1P;
    settle();
    SCKDIVCR2 = 0;
    settle();
}

/* A peripheral's clock stands still while it is changed. */
static void sci_clock(uint8_t source, uint8_t divide) {
    SCICKCR |= SCICK_REQUEST;
    for (uint32_t look = 0; look < LOOKS && (SCICKCR & SCICK_READY) == 0; look++) {
    }
    SCICKDIVCR = divide;
    SCICKCR = SCICK_REQUEST | SCICK_READY | source;
    SCICKCR &= (uint8_t)~SCICK_REQUEST;
    for (uint32_t look = 0; look < LOOKS && (SCICKCR & SCICK_READY) != 0; look++) {
    }
}

void te_clock_init(void) {
    te_clock_hz = CLOCK_MOCO_HZ;
    core();
    PRCR = PRCR_CLOCKS;
    if (to_moco() && crystal() && pll()) {
        to_pll();
        te_clock_hz = TE_BOARD_CLOCK_HZ;
        sci_clock(SOURCE_PLL1P, SCICK_DIVIDE_4);
    } else {
        sci_clock(SOURCE_MOCO, 0);
    }
    PRCR = PRCR_LOCKED;
}
