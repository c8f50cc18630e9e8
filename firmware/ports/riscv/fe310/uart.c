/* SPDX-License-Identifier: Apache-2.0 */
/* Takes UART0 of the FE310-G002 (pins 16 and 17) for the line. Registers: manual, chapters 10 (PLIC), 17
 * (GPIO) and 18 (UART), and chapter 9 for the timer. */
#include "chip.h"
#include "te_board.h"

#define UART 0x10013000u
#define UART_TXDATA CHIP_REGISTER(UART + 0x0)
#define UART_RXDATA CHIP_REGISTER(UART + 0x4)
#define UART_TXCTRL CHIP_REGISTER(UART + 0x8)
#define UART_RXCTRL CHIP_REGISTER(UART + 0xC)
#define UART_IP CHIP_REGISTER(UART + 0x14)
#define UART_IE CHIP_REGISTER(UART + 0x10)
#define UART_DIV CHIP_REGISTER(UART + 0x18)
#define TX_FULL (1u << 31)
#define RX_EMPTY (1u << 31)
#define CTRL_ON 1u
#define TX_WATERMARK_1 (1u << 16) /* IP_TX: fewer than one byte waits */
#define IP_TX 1u
#define IE_RX 2u /* more bytes have come than RXCTRL's watermark, 0 */

#define GPIO 0x10012000u
#define GPIO_IOF_EN CHIP_REGISTER(GPIO + 0x38)
#define GPIO_IOF_SEL CHIP_REGISTER(GPIO + 0x3C)
#define UART_PINS (1u << 16 | 1u << 17)

#define PLIC 0x0C000000u
#define PLIC_UART 3u /* the UART's interrupt */
#define PLIC_PRIORITY CHIP_REGISTER(PLIC + 4u * PLIC_UART)
#define PLIC_ENABLE CHIP_REGISTER(PLIC + 0x2000u)
#define PLIC_CLAIM CHIP_REGISTER(PLIC + 0x200004u)

#define CLINT 0x02000000u
#define MTIMECMP_LOW CHIP_REGISTER(CLINT + 0x4000u)
#define MTIMECMP_HIGH CHIP_REGISTER(CLINT + 0x4004u)
#define MTIME_LOW CHIP_REGISTER(CLINT + 0xBFF8u)
#define MTIME_HIGH CHIP_REGISTER(CLINT + 0xBFFCu)
#define SLEEP 164u /* 5 ms of 32,768 Hz */

#define MIE_TIMER (1u << 7)
#define MIE_EXTERNAL (1u << 11)

void te_line_init(void) {
    te_clock_init();
    GPIO_IOF_SEL &= ~UART_PINS;
    GPIO_IOF_EN |= UART_PINS;
    UART_DIV = (TE_BOARD_CLOCK_HZ + TE_BOARD_BAUD / 2u) / TE_BOARD_BAUD - 1u;
    UART_TXCTRL = CTRL_ON | TX_WATERMARK_1;
    UART_RXCTRL = CTRL_ON;
    UART_IE = IE_RX;
    PLIC_PRIORITY = 1;
    PLIC_ENABLE = 1u << PLIC_UART;
    CHIP_WRITE_CSR("mie", MIE_TIMER | MIE_EXTERNAL);
}

/* Sleeps until a byte arrives, 5 ms at most. mstatus holds the interrupts back, so they only wake; that also
 * closes the gap between looking for a byte and falling asleep. */
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
    while (count < size) {
        const uint32_t got = UART_RXDATA; /* one read tells both whether there is a byte and which */
        if ((got & RX_EMPTY) != 0) {
            break;
        }
        buffer[count++] = (uint8_t)got;
    }
    if (count == 0) {
        sleep();
    }
    return count;
}

/* The byte on the wire cannot be seen, so this waits as long as one takes: start, eight bits, stop. */
void te_line_drain(void) {
    while ((UART_IP & IP_TX) == 0) {
    }
    te_wait_cycles(10u * TE_BOARD_CLOCK_HZ / TE_BOARD_BAUD);
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((UART_TXDATA & TX_FULL) != 0) {
        }
        UART_TXDATA = data[i];
    }
}
