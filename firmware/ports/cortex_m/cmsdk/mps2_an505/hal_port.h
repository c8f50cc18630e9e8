/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAL_PORT_H
#define HAL_PORT_H

#define HAL_FREESTANDING 1
/* SysTick runs at the CPU clock. Under QEMU's -icount shift=0, which the board file asks for, an instruction
 * takes 1 ns of virtual time: a tick is 50 instructions. */
#define HAL_TICKS_HZ 20000000u
#define HAL_TICK_UNIT HAL_UNIT_INSTRUCTIONS
/* The UART holds one byte, and QEMU's socket holds back the rest until it has been read. */
#define HAL_RX_CREDIT 8192u

#endif
