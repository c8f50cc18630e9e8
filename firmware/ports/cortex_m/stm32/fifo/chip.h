/* SPDX-License-Identifier: Apache-2.0 */
/* An STM32 whose USARTs have FIFOs, on a board: te_board.h says which crystal, USART and pins, as
 * tinyedge/board/wiring/stm32fifo.py found them possible. */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"
#include "te_board.h"

#define CHIP_USART TE_BOARD_USART
#define CHIP_LINE_INTERRUPT TE_BOARD_USART_INTERRUPT

#endif
