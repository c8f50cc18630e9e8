/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a started chip, serves the line. */
#include "main.h"

#include "arena.h"
#include "hal.h"
#include "session.h"

_Noreturn void te_main(void) {
    hal_init();
    for (uint32_t i = 0; i < te_app.models; i++) {
        te_arena_restore(&te_app.served[i]);
    }
    te_arena_take(te_app.served);
    for (;;) {
        te_session_step();
    }
}
