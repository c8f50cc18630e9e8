/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TE_SESSION_H
#define TE_SESSION_H

#include "hal.h"

/* Waits for one frame and does what the rules in link.h say: executes it, answers again, or refuses. */
void te_session_step(void);

/* Tells the host of a fault; for a port's fault handler, which restarts the chip afterwards. */
void te_session_fault(const struct hal_fault *fault);

#endif
