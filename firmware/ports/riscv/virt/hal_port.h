/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAL_PORT_H
#define HAL_PORT_H

#define HAL_FREESTANDING 1
/* minstret, which QEMU derives from virtual time: 1 ns an instruction under -icount shift=0, which the board
 * file asks for. */
#define HAL_TICKS_HZ 1000000000u
#define HAL_TICK_UNIT HAL_UNIT_INSTRUCTIONS
/* The UART holds 16 bytes, and QEMU's socket holds back the rest until they have been read. */
#define HAL_RX_CREDIT 8192u

#endif
