/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAL_PORT_H
#define HAL_PORT_H

#include "ports/marker.h"
#include "te_board.h"

#define HAL_FREESTANDING 1
#define HAL_TICKS_HZ TE_BOARD_CLOCK_HZ /* SysTick runs at the CPU clock */
#define HAL_TICK_UNIT HAL_UNIT_CYCLES
/* The ring that the receive interrupt fills */
#define HAL_RX_CREDIT 2048u

#endif
