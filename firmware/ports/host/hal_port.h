/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAL_PORT_H
#define HAL_PORT_H

#define HAL_FREESTANDING 0
#define HAL_TICKS_HZ 1000000000u
#define HAL_TICK_UNIT HAL_UNIT_NS
/* A pipe of any system holds this much. */
#define HAL_RX_CREDIT 4096u

#endif
