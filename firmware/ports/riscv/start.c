/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a hart that reset_handler() made ready (one stack, no interrupts), gives a C world and te_main(). */
#include "main.h"
#include "riscv.h"

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_end[];

/* Copies .data, clears .bss, which lies behind it, and paints the stack that is still free. Through volatile
 * pointers: as plain loops they would become calls whose frames lie in what is being painted. */
void te_start(void) {
    const volatile uint32_t *from = __data_load;
    volatile uint32_t *to = __data_start;
    while (to < __data_end) {
        *to++ = *from++;
    }
    while (to < __bss_end) {
        *to++ = 0;
    }
    uint32_t *stack;
    __asm__ volatile("mv %0, sp" : "=r"(stack));
    to = (uint32_t *)(void *)__stack_bottom;
    while (to < stack) {
        *to++ = STACK_PAINT;
    }
    te_main();
}
