/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAL_PORT_H
#define HAL_PORT_H

#include "clock.h"
#include "ports/marker.h"

#define HAL_FREESTANDING 1
/* SysTick runs at the CPU clock, which is known only once the PLL has locked, or has not. */
#define HAL_TICKS_HZ te_clock_hz
#define HAL_TICK_UNIT HAL_UNIT_CYCLES
/* The ring that the receive interrupt fills */
#define HAL_RX_CREDIT 4096u

#endif
