/* SPDX-License-Identifier: Apache-2.0 */
/* An STM32F4 on a board: te_board.h says which crystal, USART and pins, as tinyedge/board/wiring/stm32f4.py
 * found them possible. */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"
#include "te_board.h"

#define CHIP_LINE_INTERRUPT TE_BOARD_USART_INTERRUPT

#endif
