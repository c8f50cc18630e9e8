/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a fault, tells the host where and why, starts the chip anew. */
#include "arena.h"
#include "cortex_m.h"
#include "session.h"

/* System control block; STKOF and MSPLIM are Arm v8-M only. */
#define CFSR CHIP_REGISTER(0xE000ED28u)
#define MMFAR CHIP_REGISTER(0xE000ED34u)
#define BFAR CHIP_REGISTER(0xE000ED38u)
#define CFSR_MMARVALID (1u << 7)
#define CFSR_BFARVALID (1u << 15)
/* The CPU could not save its registers (MSTKERR, STKERR, STKOF): there is no frame to read. */
#define CFSR_NO_FRAME (1u << 4 | 1u << 12 | 1u << 20)

/* Start-up leaves this section alone. */
static struct hal_fault record __attribute__((section(".noinit")));

_Noreturn void te_fault(const uint32_t *frame);

struct hal_fault *hal_fault(void) { return &record; }

/* The stack may be what failed, so the report starts on an empty one; nobody returns to the old. */
__attribute__((naked, noreturn)) void te_fault_entry(void) {
    __asm__ volatile("mrs r0, msp \n"
                     "ldr r1, =__stack_top \n"
                     "msr msp, r1 \n"
                     "b te_fault \n");
}

/* `frame` is what the CPU saved: r0-r3, r12, lr, pc, psr. */
_Noreturn void te_fault(const uint32_t *frame) {
    const uint32_t status = CFSR;
    const uint32_t saved = (status & CFSR_NO_FRAME) == 0 ? 1 : 0;
    record.pc = saved ? frame[6] : 0;
    record.lr = saved ? frame[5] : 0;
    record.status = status;
    record.address = 0;
    if ((status & CFSR_MMARVALID) != 0) {
        record.address = MMFAR;
    } else if ((status & CFSR_BFARVALID) != 0) {
        record.address = BFAR;
    }
    record.layer = te_arena_layer();
    record.magic = HAL_FAULT_MAGIC;
    te_session_fault(&record);
    hal_reset();
}
