/* SPDX-License-Identifier: Apache-2.0 */
/* Takes UART0 (CMSDK) for the line and SysTick for the ticks of Arm's AN547 image for the MPS3 board. */
#include "hal.h"

#include "chip.h"

/* Arm CMSDK APB UART */
#define UART 0x49303000u
#define UART_DATA CHIP_REGISTER(UART + 0x0)
#define UART_STATE CHIP_REGISTER(UART + 0x4)
#define UART_CTRL CHIP_REGISTER(UART + 0x8)
#define UART_INTCLEAR CHIP_REGISTER(UART + 0xC)
#define UART_BAUDDIV CHIP_REGISTER(UART + 0x10)
#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u
#define CTRL_TX_RX 3u
#define CTRL_RX_INTERRUPT 8u
#define INTERRUPT_RX 2u
#define BAUDDIV_LEAST 16u /* the fastest: clock / 16 */

/* Arm v8-M SysTick and system control block */
#define SYST_CSR CHIP_REGISTER(0xE000E010u)
#define SYST_RVR CHIP_REGISTER(0xE000E014u)
#define SYST_CVR CHIP_REGISTER(0xE000E018u)
#define SYST_TOP 0xFFFFFFu /* 24 bits */
#define NVIC_ISER1 CHIP_REGISTER(0xE000E104u)
#define NVIC_ICER1 CHIP_REGISTER(0xE000E184u)
#define NVIC_ICPR1 CHIP_REGISTER(0xE000E284u)
#define NVIC_UART_RX (1u << (33 - 32)) /* interrupt 33 */
#define ICSR CHIP_REGISTER(0xE000ED04u)
#define ICSR_SYSTICK (1u << 26)
#define AIRCR CHIP_REGISTER(0xE000ED0Cu)
#define AIRCR_RESET 0x05FA0004u

extern uint8_t __data_start[], __data_end[], __bss_start[], __bss_end[];

static volatile uint32_t wraps; /* of SysTick, each 2^24 ticks */

void te_systick(void) { wraps++; }

void hal_init(void) {
    UART_BAUDDIV = BAUDDIV_LEAST;
    UART_CTRL = CTRL_TX_RX | CTRL_RX_INTERRUPT;
    SYST_RVR = SYST_TOP;
    SYST_CVR = 0;
    SYST_CSR = 7; /* CPU clock, interrupt, on */
}

/* Sleeps until a byte arrives or SysTick wraps: a core that polls keeps QEMU from delivering the byte. The
 * UART's interrupt only wakes; it is never taken, since it is enabled only while PRIMASK holds interrupts
 * back. That also closes the gap between looking for a byte and falling asleep. */
static void sleep(void) {
    __asm__ volatile("cpsid i" ::: "memory");
    UART_INTCLEAR = INTERRUPT_RX;
    NVIC_ICPR1 = NVIC_UART_RX;
    NVIC_ISER1 = NVIC_UART_RX;
    if ((UART_STATE & STATE_RX_FULL) == 0) {
        __asm__ volatile("dsb \n wfi" ::: "memory");
    }
    NVIC_ICER1 = NVIC_UART_RX;
    __asm__ volatile("dsb \n isb \n cpsie i" ::: "memory");
}

size_t hal_read(uint8_t *buffer, size_t size) {
    size_t count = 0;
    while (count < size && (UART_STATE & STATE_RX_FULL) != 0) {
        buffer[count++] = (uint8_t)UART_DATA;
    }
    if (count == 0) {
        sleep();
    }
    return count;
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((UART_STATE & STATE_TX_FULL) != 0) {
        }
        UART_DATA = data[i];
    }
}

/* Reads again when a wrap falls between the two halves, or has not been counted yet. */
uint64_t hal_ticks(void) {
    uint32_t high;
    uint32_t low;
    do {
        high = wraps;
        low = SYST_TOP - SYST_CVR;
    } while (high != wraps || (ICSR & ICSR_SYSTICK) != 0);
    return (uint64_t)high << 24 | low;
}

void hal_memory(struct hal_memory *memory) {
    const volatile uint32_t *word = (const uint32_t *)(const void *)__stack_bottom;
    while (*word == CHIP_PAINT) {
        word++;
    }
    memory->stack_size = (uint32_t)(__stack_top - __stack_bottom);
    memory->stack_used = (uint32_t)(__stack_top - (const uint8_t *)word);
    memory->static_size = (uint32_t)(__data_end - __data_start + (__bss_end - __bss_start));
}

_Noreturn void hal_reset(void) {
    AIRCR = AIRCR_RESET;
    for (;;) {
    }
}
