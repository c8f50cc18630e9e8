/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a fault, tells the host where and why, starts the chip anew. */
#include "arena.h"
#include "riscv.h"
#include "session.h"

/* Start-up leaves this section alone. */
static struct hal_fault record __attribute__((section(".noinit")));

_Noreturn void te_fault(uint32_t lr);

struct hal_fault *hal_fault(void) { return &record; }

/* The stack may be what failed, so the report starts on an empty one; nobody returns to the old. The low
 * bits of mtvec, which holds this address, are its mode: two, and six on cores with a CLIC. */
__attribute__((naked, noreturn, aligned(64))) void te_fault_entry(void) {
    __asm__ volatile("mv a0, ra \n"
                     "la sp, __stack_top \n"
                     "j te_fault \n");
}

_Noreturn void te_fault(uint32_t lr) {
    record.lr = lr;
    CHIP_READ_CSR("mepc", record.pc);
    CHIP_READ_CSR("mcause", record.status);
    CHIP_READ_CSR("mtval", record.address);
    record.layer = te_arena_layer();
    record.magic = HAL_FAULT_MAGIC;
    te_session_fault(&record);
    hal_reset();
}
