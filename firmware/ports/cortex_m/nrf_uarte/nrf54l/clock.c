/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the application core of an nRF54L as a reset leaves it, in Secure state, to TE_BOARD_CLOCK_HZ. */
#include "start.h"

/* nRF54L15 Product Specification: "CLOCK", "OSCILLATORS", "CACHE", "TAMPC", "FICR" */
#define CLOCK_XOSTART CHIP_REGISTER(0x5010E000u)
#define CLOCK_XOSTARTED 0x5010E100u
#define PLL_FREQ CHIP_REGISTER(0x50120800u)
#define PLL_FREQ_128 1u
#define PLL_FREQ_64 3u
#define ICACHE_ENABLE CHIP_REGISTER(0xE0082404u)
#define TAMPC_SIGNAL(number) CHIP_REGISTER(0x500DC500u + 8u * (number))
#define FICR_TRIMCNF 0x00FFC400u
#define TRIMS 64u

/* DBGEN, NIDEN, SPIDEN, SPNIDEN */
#define SIGNALS 4u
#define SIGNAL_LOCKED (1u << 1)
#define SIGNAL_KEY (0x50FAu << 16)
#define SIGNAL_WRITABLE (SIGNAL_KEY | 15u << 4)
#define SIGNAL_OPEN (SIGNAL_KEY | 1u)

_Static_assert(TE_BOARD_CLOCK_HZ == 128000000u || TE_BOARD_CLOCK_HZ == 64000000u, "what the PLL makes");

/* A reset closes the debug port until firmware opens it, unless it was locked. */
static void debug_port_open(void) {
    for (uint32_t i = 0; i < SIGNALS; i++) {
        if ((TAMPC_SIGNAL(i) & SIGNAL_LOCKED) == 0) {
            TAMPC_SIGNAL(i) = SIGNAL_WRITABLE;
            TAMPC_SIGNAL(i) = SIGNAL_OPEN;
        }
    }
}

void te_clock_init(void) {
    PLL_FREQ = TE_BOARD_CLOCK_HZ == 128000000u ? PLL_FREQ_128 : PLL_FREQ_64;
    debug_port_open();
    start_trim(FICR_TRIMCNF, TRIMS);
    CHIP_REGISTER(CLOCK_XOSTARTED) = 0;
    CLOCK_XOSTART = 1;
    start_wait(CLOCK_XOSTARTED);
    ICACHE_ENABLE = 1; /* RRAM has wait states */
}
