/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the place of a port where only the runtime's arithmetic and memory functions are wanted. */
#ifndef TE_HAL_PORT_H
#define TE_HAL_PORT_H

#define HAL_FREESTANDING 1
#define HAL_TICKS_HZ 1u
#define HAL_TICK_UNIT HAL_UNIT_NS
#define HAL_RX_CREDIT 0u

#endif
