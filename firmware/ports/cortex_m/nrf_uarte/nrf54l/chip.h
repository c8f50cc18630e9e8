/* SPDX-License-Identifier: Apache-2.0 */
/* The application core of an nRF54L on a board: te_board.h says which UARTE and pins. nRF54L15 Product
 * Specification, "UARTE" and "GPIO". */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"
#include "te_board.h"

#define CHIP_LINE_INTERRUPT TE_BOARD_UARTE_INTERRUPT

#define CHIP_UARTE_RX_START 0x028u
#define CHIP_UARTE_TX_START 0x050u
#define CHIP_UARTE_RX_END 0x14Cu
#define CHIP_UARTE_TX_END 0x168u
#define CHIP_UARTE_PSEL_TXD 0x604u
#define CHIP_UARTE_PSEL_RXD 0x60Cu
#define CHIP_UARTE_RX_PTR 0x704u
#define CHIP_UARTE_RX_MAXCNT 0x708u
#define CHIP_UARTE_TX_PTR 0x73Cu
#define CHIP_UARTE_TX_MAXCNT 0x740u

#define CHIP_GPIO_OUTSET 0x004u
#define CHIP_GPIO_PIN_CNF 0x080u

#endif
