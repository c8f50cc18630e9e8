/* SPDX-License-Identifier: Apache-2.0 */
/* Takes blocks of an RP2 chip, gives them fresh out of reset: RP2040 Datasheet 2.14, RP2350 Datasheet 7.5. */
#include "rp2.h"

#define RESET_SET CHIP_REGISTER(CHIP_RESETS + 0x0 + RP2_SET)
#define RESET_CLEAR CHIP_REGISTER(CHIP_RESETS + 0x0 + RP2_CLEAR)
#define RESET_DONE CHIP_REGISTER(CHIP_RESETS + 0x8)

void te_reset_block(uint32_t blocks) {
    RESET_SET = blocks;
    RESET_CLEAR = blocks;
    while ((RESET_DONE & blocks) != blocks) {
    }
}
