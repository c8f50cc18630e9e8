/* SPDX-License-Identifier: Apache-2.0 */
/* An RA8M1 on a board: te_board.h says which crystal, SCI and pins, as tinyedge/board/wiring/ra8.py found them
 * possible. Its registers have 8, 16 or 32 bits; in the secure alias, since a reset starts us in Secure state. */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"
#include "te_board.h"

#define CHIP_BYTE(address) (*(volatile uint8_t *)(address))
#define CHIP_HALF(address) (*(volatile uint16_t *)(address))

/* Accesses before it are done before those behind it. */
#define CHIP_BARRIER __asm__ volatile("dmb" ::: "memory")

/* Which interrupt an event has is chosen: ICU, IELSR0. */
#define CHIP_LINE_INTERRUPT 0u

#endif
