/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAL_PORT_H
#define HAL_PORT_H

#include "ports/marker.h"
#include "te_board.h"

#define HAL_FREESTANDING 1
/* The core's own counter of cycles, in reset.c. */
#define HAL_TICKS_HZ TE_BOARD_CLOCK_HZ
#define HAL_TICK_UNIT HAL_UNIT_CYCLES
#define HAL_OWN_TICKS 1
#define HAL_TICKS_WRAP 1
/* The line is polled, and its FIFO holds less than a frame. */
#define HAL_RX_CREDIT 0u

#endif
