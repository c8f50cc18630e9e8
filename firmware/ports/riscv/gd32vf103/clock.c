/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the GD32VF103's crystal of 8 MHz, or the internal oscillator of 8 MHz where that does not start,
 * gives the core clock. Registers: GD32VF103 User Manual, "RCU". */
#include <stdbool.h>

#include "chip.h"
#include "te_board.h"

#define RCU_CTL CHIP_REGISTER(0x40021000u)
#define RCU_CFG0 CHIP_REGISTER(0x40021004u)
#define RCU_CFG1 CHIP_REGISTER(0x4002102Cu)
#define CTL_IRC8M (1u << 0)
#define CTL_IRC8M_STABLE (1u << 1)
#define CTL_HXTAL (1u << 16)
#define CTL_HXTAL_STABLE (1u << 17)
#define CTL_PLL (1u << 24)
#define CTL_PLL_STABLE (1u << 25)
#define CFG0_SCS_PLL 2u
#define CFG0_SCSS (3u << 2)
#define CFG0_SCSS_PLL (2u << 2)
#define CFG0_APB1_HALF (4u << 8)
#define CFG0_PLL_OF_HXTAL (1u << 16) /* through PREDV0; else half of the internal oscillator */
#define CFG0_PLL_BY_27 (1u << 29 | 10u << 18)
#define CFG1_PREDV0_HALF 1u

/* Both ways lead 4 MHz into the PLL. */
_Static_assert(TE_BOARD_CLOCK_HZ == 8000000u / 2 * 27, "clock_hz");

/* Reads of RCU_CTL, some ten cycles of 8 MHz each: 80 ms, where a crystal needs 2. */
#define PATIENCE 65536u

static void wait_for(volatile uint32_t *what, uint32_t mask, uint32_t value) {
    while ((*what & mask) != value) {
    }
}

static bool start_crystal(void) {
    RCU_CTL |= CTL_HXTAL;
    for (uint32_t i = 0; i < PATIENCE; i++) {
        if ((RCU_CTL & CTL_HXTAL_STABLE) != 0) {
            return true;
        }
    }
    return false;
}

/* The boot loader in the chip's ROM may have left the core on the PLL, which must not be changed under it. */
void te_clock_init(void) {
    RCU_CTL |= CTL_IRC8M;
    wait_for(&RCU_CTL, CTL_IRC8M_STABLE, CTL_IRC8M_STABLE);
    RCU_CFG0 = 0;
    wait_for(&RCU_CFG0, CFG0_SCSS, 0);
    RCU_CTL &= ~CTL_PLL;
    RCU_CFG1 = CFG1_PREDV0_HALF;
    const uint32_t setting = CFG0_APB1_HALF | CFG0_PLL_BY_27 | (start_crystal() ? CFG0_PLL_OF_HXTAL : 0);
    RCU_CFG0 = setting;
    RCU_CTL |= CTL_PLL;
    wait_for(&RCU_CTL, CTL_PLL_STABLE, CTL_PLL_STABLE);
    RCU_CFG0 = setting | CFG0_SCS_PLL;
    wait_for(&RCU_CFG0, CFG0_SCSS, CFG0_SCSS_PLL);
}
