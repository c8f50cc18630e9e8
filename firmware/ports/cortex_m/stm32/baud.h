/* SPDX-License-Identifier: Apache-2.0 */
/* The baud of an STM32's USART: a bit lasts BAUD_STEPS cycles of the USART's clock, 16 at least, or 8 at
 * least when its bit OVER8 is set. An LPUART, which te_board.h tells by TE_BOARD_USART_PARTS, counts 256ths of
 * a cycle (RM0432, "Low-power universal asynchronous receiver transmitter", BRR). */
#ifndef BAUD_H
#define BAUD_H

#include <stdint.h>

#include "te_board.h"

#ifndef TE_BOARD_USART_PARTS
#define TE_BOARD_USART_PARTS 1u /* a family without LPUARTs */
#endif
#define BAUD_LEAST (TE_BOARD_USART_PARTS == 1u ? 8u : 0x300u)
#define BAUD_MOST (TE_BOARD_USART_PARTS == 1u ? 0xFFFFu : 0xFFFFFu)

/* A constant, where `hz` is one */
#define BAUD_STEPS(hz)                                                                                       \
    ((uint32_t)(((uint64_t)(hz) * TE_BOARD_USART_PARTS + TE_BOARD_BAUD / 2u) / TE_BOARD_BAUD))
#define BAUD_MADE(hz)                                                                                        \
    ((uint32_t)(((uint64_t)BAUD_STEPS(hz) * TE_BOARD_BAUD + TE_BOARD_USART_PARTS / 2u) /                     \
                TE_BOARD_USART_PARTS))
#define BAUD_ERROR(hz) ((hz) > BAUD_MADE(hz) ? (hz) - BAUD_MADE(hz) : BAUD_MADE(hz) - (hz))

/* Refuses to compile for a baud that a USART at this clock cannot do, or not to 2 %. */
#define BAUD_CHECK(hz)                                                                                       \
    _Static_assert(BAUD_STEPS(hz) >= BAUD_LEAST && BAUD_STEPS(hz) <= BAUD_MOST,                              \
                   "link.baud: out of this USART's reach");                                                  \
    _Static_assert(BAUD_ERROR(hz) <= (hz) / 50u, "link.baud: wrong by more than 2 % on this USART")

#endif
