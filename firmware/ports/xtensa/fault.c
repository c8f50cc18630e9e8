/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a fault, tells the host where and why, starts the chip anew. */
#include "arena.h"
#include "session.h"
#include "xtensa.h"

/* Start-up leaves this section alone. */
static struct hal_fault record __attribute__((section(".noinit")));

_Noreturn void te_fault(uint32_t lr, uint32_t pc, uint32_t cause);

struct hal_fault *hal_fault(void) { return &record; }

/* `cause` is EXCCAUSE, or 64 + DEBUGCAUSE. */
_Noreturn void te_fault(uint32_t lr, uint32_t pc, uint32_t cause) {
    record.lr = lr;
    record.pc = pc;
    record.status = cause;
    CHIP_READ_SR("excvaddr", record.address);
    record.layer = te_arena_layer();
    record.magic = HAL_FAULT_MAGIC;
    te_session_fault(&record);
    hal_reset();
}
