/* SPDX-License-Identifier: Apache-2.0 */
/* The baud of an STM32's USART: a bit lasts BAUD_STEPS cycles of the USART's clock, 16 at least, or 8 at
 * least when its bit OVER8 is set. */
#ifndef BAUD_H
#define BAUD_H

#include "te_board.h"

#define BAUD_STEPS(hz) (((hz) + TE_BOARD_BAUD / 2u) / TE_BOARD_BAUD)
#define BAUD_MADE(hz) (BAUD_STEPS(hz) * TE_BOARD_BAUD)
#define BAUD_ERROR(hz) ((hz) > BAUD_MADE(hz) ? (hz) - BAUD_MADE(hz) : BAUD_MADE(hz) - (hz))

/* Refuses to compile for a baud that a USART at this clock cannot do, or not to 2 %. */
#define BAUD_CHECK(hz)                                                                                       \
    _Static_assert(BAUD_STEPS(hz) >= 8u && BAUD_STEPS(hz) <= 0xFFFFu,                                        \
                   "link.baud: out of this USART's reach");                                                  \
    _Static_assert(BAUD_ERROR(hz) <= (hz) / 50u, "link.baud: wrong by more than 2 % on this USART")

#endif
