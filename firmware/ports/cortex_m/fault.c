/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a fault, tells the host where and why, starts the chip anew. */
#include "arena.h"
#include "cortex_m.h"
#include "session.h"

/* System control block; STKOF and MSPLIM are Arm v8-M only, and Arm v6-M has none of it: its faults are all
 * HardFaults, of unknown cause. */
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
                     "bl te_fault \n");
}

/* What the CPU saved is r0-r3, r12, lr, pc, psr. */
#define FRAME_LR 5
#define FRAME_PC 6
#define FRAME_SIZE 32

#if __ARM_ARCH > 6
/* Fills in the cause; returns whether there is a frame. */
static int find_cause(const uint32_t *frame) {
    (void)frame;
    record.status = CFSR;
    record.address = 0;
    if ((record.status & CFSR_MMARVALID) != 0) {
        record.address = MMFAR;
    } else if ((record.status & CFSR_BFARVALID) != 0) {
        record.address = BFAR;
    }
    return (record.status & CFSR_NO_FRAME) == 0;
}
#else
static int find_cause(const uint32_t *frame) {
    const uintptr_t at = (uintptr_t)frame;
    record.status = 0;
    record.address = 0;
    return at >= (uintptr_t)__stack_bottom && at + FRAME_SIZE <= (uintptr_t)__stack_top;
}
#endif

_Noreturn void te_fault(const uint32_t *frame) {
    const int saved = find_cause(frame);
    record.pc = saved ? frame[FRAME_PC] : 0;
    record.lr = saved ? frame[FRAME_LR] : 0;
    record.layer = te_arena_layer();
    record.magic = HAL_FAULT_MAGIC;
    te_session_fault(&record);
    hal_reset();
}
