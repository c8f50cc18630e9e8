/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a started chip, serves the line. */
#include "main.h"

#include "arena.h"
#include "hal.h"
#include "session.h"

_Noreturn void te_main(void) {
    hal_init();
    te_arena_arm();
    for (;;) {
        te_session_step();
    }
}
