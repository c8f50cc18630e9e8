/* SPDX-License-Identifier: Apache-2.0 */
/* The application core of an nRF5340 on a board: te_board.h says which UARTE and pins. nRF5340 Product
 * Specification, "UARTE" and "GPIO". */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"
#include "te_board.h"

#define CHIP_LINE_INTERRUPT TE_BOARD_UARTE_INTERRUPT

#define CHIP_UARTE_RX_START 0x000u
#define CHIP_UARTE_TX_START 0x008u
#define CHIP_UARTE_RX_END 0x110u
#define CHIP_UARTE_TX_END 0x120u
#define CHIP_UARTE_PSEL_TXD 0x50Cu
#define CHIP_UARTE_PSEL_RXD 0x514u
#define CHIP_UARTE_RX_PTR 0x534u
#define CHIP_UARTE_RX_MAXCNT 0x538u
#define CHIP_UARTE_TX_PTR 0x544u
#define CHIP_UARTE_TX_MAXCNT 0x548u

#define CHIP_GPIO_OUTSET 0x008u
#define CHIP_GPIO_PIN_CNF 0x200u

#endif
