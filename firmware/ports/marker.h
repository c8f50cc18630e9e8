/* SPDX-License-Identifier: Apache-2.0 */
/* The pin that is high while a model runs, where the board names one (`marker`): an energy probe beside it
 * sees where an inference begins and ends. te_board.h has the registers that set and clear it; the port makes
 * it an output, low, before the first run.
 */
#ifndef MARKER_H
#define MARKER_H

#include "te_board.h"

#ifdef TE_BOARD_MARKER_SET
#define MARKER_WRITE(address, bits) (*(volatile uint32_t *)(address) = (bits))
#define HAL_MARK_BEGIN() MARKER_WRITE(TE_BOARD_MARKER_SET, TE_BOARD_MARKER_SET_BITS)
#define HAL_MARK_END() MARKER_WRITE(TE_BOARD_MARKER_CLEAR, TE_BOARD_MARKER_CLEAR_BITS)
#endif

#endif
