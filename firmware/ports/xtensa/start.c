/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a core that reset_handler() made ready (one stack, no interrupts), gives a C world and te_main(). */
#include "main.h"
#include "xtensa.h"

extern uint32_t __bss_start[], __bss_end[];

/* Clears .bss and paints the stack that is still free; .data is where the boot ROM loaded it. Through
 * volatile pointers: as plain loops they would become calls whose frames lie in what is being painted. */
void te_start(void) {
    for (volatile uint32_t *to = __bss_start; to < __bss_end; to++) {
        *to = 0;
    }
    uint32_t *stack;
    __asm__ volatile("mov %0, sp" : "=r"(stack));
    for (volatile uint32_t *to = (uint32_t *)(void *)__stack_bottom; to < stack; to++) {
        *to = STACK_PAINT;
    }
    te_main();
}
