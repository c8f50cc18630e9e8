/* SPDX-License-Identifier: Apache-2.0 */
/* An nRF52 on a board: te_board.h says which pins. */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"

#define CHIP_LINE_INTERRUPT 2u /* UARTE0_UART0 */

#endif
