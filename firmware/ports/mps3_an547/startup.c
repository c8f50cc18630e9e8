/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the CPU out of reset (Arm v8.1-M, one stack, no interrupt but SysTick), gives a C world and
 * te_main(). */
#include <stdint.h>

#include "chip.h"
#include "main.h"

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_start[], __bss_end[];

void reset_handler(void);
void te_fault_entry(void);
void te_start(void);

/* The first words of memory: stack pointer, then a handler for each of the 15 exceptions. Everything that is
 * not SysTick is a fault: nothing else is enabled. */
const struct {
    uint8_t *stack;
    void (*handlers[15])(void);
} te_vectors __attribute__((section(".vectors"), used)) = {
    __stack_top,
    {reset_handler, te_fault_entry, te_fault_entry, te_fault_entry, te_fault_entry, te_fault_entry,
     te_fault_entry, te_fault_entry, te_fault_entry, te_fault_entry, te_fault_entry, te_fault_entry,
     te_fault_entry, te_fault_entry, te_systick},
};

/* In assembler, since a C compiler may use an FPU register in any prologue: CPACR gives access to the FPU and
 * MVE (CP10, CP11), CCR.LOB turns on the loop instructions, MSPLIM makes a stack overflow a fault. */
__attribute__((naked, noreturn)) void reset_handler(void) {
    __asm__ volatile("ldr r0, =0xE000ED88 \n" /* CPACR */
                     "ldr r1, [r0] \n"
                     "orr r1, r1, #0xF00000 \n"
                     "str r1, [r0] \n"
                     "ldr r0, =0xE000ED14 \n" /* CCR */
                     "ldr r1, [r0] \n"
                     "orr r1, r1, #0x80000 \n"
                     "str r1, [r0] \n"
                     "dsb \n"
                     "isb \n"
                     "ldr r0, =__stack_bottom \n"
                     "msr msplim, r0 \n"
                     "b te_start \n");
}

/* Copies .data, clears .bss and paints the stack that is still free. Through volatile pointers: as plain
 * loops they would become calls whose frames lie in what is being painted. */
void te_start(void) {
    const volatile uint32_t *from = __data_load;
    for (volatile uint32_t *to = __data_start; to < __data_end; to++) {
        *to = *from++;
    }
    for (volatile uint32_t *to = __bss_start; to < __bss_end; to++) {
        *to = 0;
    }
    uint32_t *stack;
    __asm__ volatile("mrs %0, msp" : "=r"(stack));
    for (volatile uint32_t *to = (uint32_t *)(void *)__stack_bottom; to < stack; to++) {
        *to = CHIP_PAINT;
    }
    te_main();
}
