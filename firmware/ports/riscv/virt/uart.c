/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the 16550 UART of QEMU's machine `virt` for the line. */
#include "riscv.h"

/* 16550: one byte a register */
#define UART 0x10000000u
#define UART_DATA CHIP_BYTE(UART + 0)
#define UART_IER CHIP_BYTE(UART + 1)
#define UART_FCR CHIP_BYTE(UART + 2)
#define UART_LCR CHIP_BYTE(UART + 3)
#define UART_LSR CHIP_BYTE(UART + 5)
#define IER_RX 1u
#define FCR_ON 7u /* FIFOs on and empty; an interrupt for every byte */
#define LCR_8N1 3u
#define LSR_RX_READY 1u
#define LSR_TX_EMPTY 0x20u
#define LSR_IDLE 0x40u

/* Interrupt controller (PLIC): hart 0 in machine mode is its context 0 */
#define PLIC 0x0C000000u
#define PLIC_UART 10u /* the UART's interrupt */
#define PLIC_PRIORITY CHIP_REGISTER(PLIC + 4u * PLIC_UART)
#define PLIC_ENABLE CHIP_REGISTER(PLIC + 0x2000u)
#define PLIC_CLAIM CHIP_REGISTER(PLIC + 0x200004u)

/* Timer (CLINT) */
#define MTIMECMP_LOW CHIP_REGISTER(0x02004000u)
#define MTIMECMP_HIGH CHIP_REGISTER(0x02004004u)
#define MTIME_LOW CHIP_REGISTER(0x0200BFF8u)
#define MTIME_HIGH CHIP_REGISTER(0x0200BFFCu)
#define SLEEP 50000u /* 5 ms of 10 MHz */

#define MIE_TIMER (1u << 7)
#define MIE_EXTERNAL (1u << 11)

void te_line_init(void) {
    UART_LCR = LCR_8N1;
    UART_FCR = FCR_ON;
    UART_IER = IER_RX;
    PLIC_PRIORITY = 1;
    PLIC_ENABLE = 1u << PLIC_UART;
    CHIP_WRITE_CSR("mie", MIE_TIMER | MIE_EXTERNAL);
}

/* Sleeps until a byte arrives, 5 ms at most: a core that polls keeps QEMU from delivering the byte. mstatus
 * holds the interrupts back, so they only wake; that also closes the gap between looking for a byte and
 * falling asleep. */
static void sleep(void) {
    const uint32_t now = MTIME_LOW;
    const uint32_t high = MTIME_HIGH + (now > UINT32_MAX - SLEEP);
    MTIMECMP_HIGH = UINT32_MAX; /* never, while only one half is right */
    MTIMECMP_LOW = now + SLEEP;
    MTIMECMP_HIGH = high;
    __asm__ volatile("wfi" ::: "memory");
    /* Taken and ended, so that it does not stay pending. */
    const uint32_t interrupt = PLIC_CLAIM;
    if (interrupt != 0) {
        PLIC_CLAIM = interrupt;
    }
}

size_t hal_read(uint8_t *buffer, size_t size) {
    size_t count = 0;
    while (count < size && (UART_LSR & LSR_RX_READY) != 0) {
        buffer[count++] = UART_DATA;
    }
    if (count == 0) {
        sleep();
    }
    return count;
}

void te_line_drain(void) {
    while ((UART_LSR & LSR_IDLE) == 0) {
    }
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((UART_LSR & LSR_TX_EMPTY) == 0) {
        }
        UART_DATA = data[i];
    }
}
