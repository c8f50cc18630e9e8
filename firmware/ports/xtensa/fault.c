/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a fault, tells the host where and why, starts the chip anew. */
#include "arena.h"
#include "session.h"
#include "xtensa.h"

/* Start-up leaves this section alone. */
static struct hal_fault record __attribute__((section(".noinit")));

_Noreturn void te_fault(uint32_t lr);

struct hal_fault *hal_fault(void) { return &record; }

_Noreturn void te_fault(uint32_t lr) {
    record.lr = lr;
    CHIP_READ_SR("epc1", record.pc);
    CHIP_READ_SR("exccause", record.status);
    CHIP_READ_SR("excvaddr", record.address);
    record.layer = te_arena_layer();
    record.magic = HAL_FAULT_MAGIC;
    te_session_fault(&record);
    hal_reset();
}
