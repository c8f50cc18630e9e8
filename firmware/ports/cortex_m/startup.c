/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a CPU that reset_handler() made ready (one stack), gives a C world and te_main(). */
#include <stdint.h>

#include "chip.h"
#include "main.h"

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_end[];

#ifdef CHIP_LINE_INTERRUPT
#define HANDLERS (15u + CHIP_LINE_INTERRUPT + 1u)
#else
#define HANDLERS 15u
#endif
/* Of 256 bytes at least on a Cortex-M0+ */
#define ALIGNMENT (HANDLERS < 64u ? 256u : HANDLERS < 128u ? 512u : 1024u)

/* The first words of memory: stack pointer, then a handler for each of the 15 exceptions, and one for the
 * line's interrupt where the port takes one. Everything else is a fault, or is never enabled. */
const struct {
    uint8_t *stack;
    void (*handlers[HANDLERS])(void);
} te_vectors __attribute__((section(".vectors"), used, aligned(ALIGNMENT))) = {
    __stack_top,
    {
        reset_handler,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_fault_entry,
        te_systick,
#ifdef CHIP_LINE_INTERRUPT
        [15u + CHIP_LINE_INTERRUPT] = te_line_interrupt,
#endif
    },
};
_Static_assert(sizeof te_vectors <= ALIGNMENT, "VTOR: aligned to a power of two that is not below its size");

/* Vector table offset: a boot loader leaves its own table there. */
#define VTOR CHIP_REGISTER(0xE000ED08u)

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
    __asm__ volatile("mrs %0, msp" : "=r"(stack));
    to = (uint32_t *)(void *)__stack_bottom;
    while (to < stack) {
        *to++ = STACK_PAINT;
    }
    VTOR = (uint32_t)(uintptr_t)&te_vectors;
    te_main();
}
