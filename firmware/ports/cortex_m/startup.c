/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a CPU that reset_handler() made ready (one stack, no interrupt but SysTick), gives a C world and
 * te_main(). */
#include <stdint.h>

#include "cortex_m.h"
#include "main.h"

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_start[], __bss_end[];

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
