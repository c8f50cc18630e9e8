/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the application core of an nRF5340 as a reset leaves it, in Secure state, to TE_BOARD_CLOCK_HZ. */
#include "start.h"

/* nRF5340 Product Specification: "CLOCK", "CACHE", "CTRL-AP", "UICR", "FICR" */
#define CLOCK_HFCLKSTART CHIP_REGISTER(0x50005000u)
#define CLOCK_HFCLKSTARTED 0x50005100u
#define CLOCK_HFCLKCTRL CHIP_REGISTER(0x50005558u)
#define CACHE_ENABLE CHIP_REGISTER(0x50001500u)
#define APPROTECT_DISABLE CHIP_REGISTER(0x50006544u)
#define SECUREAPPROTECT_DISABLE CHIP_REGISTER(0x5000654Cu)
#define UICR_APPROTECT CHIP_REGISTER(0x00FF8000u)
#define UICR_SECUREAPPROTECT CHIP_REGISTER(0x00FF801Cu)
#define FICR_TRIMCNF 0x00FF0300u
#define TRIMS 32u

_Static_assert(TE_BOARD_CLOCK_HZ == 128000000u || TE_BOARD_CLOCK_HZ == 64000000u, "HFCLK128M by 1 or 2");

void te_clock_init(void) {
    start_trim(FICR_TRIMCNF, TRIMS);
    /* Firmware must confirm that the debug port may stay open, in both states. */
    APPROTECT_DISABLE = UICR_APPROTECT;
    SECUREAPPROTECT_DISABLE = UICR_SECUREAPPROTECT;
    CHIP_REGISTER(CLOCK_HFCLKSTARTED) = 0;
    CLOCK_HFCLKSTART = 1;
    start_wait(CLOCK_HFCLKSTARTED);
    CLOCK_HFCLKCTRL = TE_BOARD_CLOCK_HZ == 128000000u ? 0u : 1u;
    CACHE_ENABLE = 1; /* the flash has wait states */
}
