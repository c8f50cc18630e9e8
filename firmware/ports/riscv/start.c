/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a hart that reset_handler() made ready (one stack, no interrupts), gives a C world and te_main(). */
#include "main.h"
#include "riscv.h"

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_start[], __bss_end[];

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
    __asm__ volatile("mv %0, sp" : "=r"(stack));
    for (volatile uint32_t *to = (uint32_t *)(void *)__stack_bottom; to < stack; to++) {
        *to = STACK_PAINT;
    }
    te_main();
}
