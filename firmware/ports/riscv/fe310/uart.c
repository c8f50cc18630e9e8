/* SPDX-License-Identifier: Apache-2.0 */
/* Takes UART0 of the FE310-G002 (pins 16 and 17) for the line. Registers: FE310-G002 Manual, "General
 * Purpose Input/Output Controller" and "Universal Asynchronous Receiver/Transmitter". */
#include "chip.h"
#include "te_board.h"

#define UART 0x10013000u
#define UART_TXDATA CHIP_REGISTER(UART + 0x0)
#define UART_RXDATA CHIP_REGISTER(UART + 0x4)
#define UART_TXCTRL CHIP_REGISTER(UART + 0x8)
#define UART_RXCTRL CHIP_REGISTER(UART + 0xC)
#define UART_IP CHIP_REGISTER(UART + 0x14)
#define UART_DIV CHIP_REGISTER(UART + 0x18)
#define TX_FULL (1u << 31)
#define RX_EMPTY (1u << 31)
#define CTRL_ON 1u
#define TX_WATERMARK_1 (1u << 16) /* IP_TX: fewer than one byte waits */
#define IP_TX 1u

#define GPIO 0x10012000u
#define GPIO_IOF_EN CHIP_REGISTER(GPIO + 0x38)
#define GPIO_IOF_SEL CHIP_REGISTER(GPIO + 0x3C)
#define UART_PINS (1u << 16 | 1u << 17)

void te_line_init(void) {
    te_clock_init();
    GPIO_IOF_SEL &= ~UART_PINS;
    GPIO_IOF_EN |= UART_PINS;
    UART_DIV = (TE_BOARD_CLOCK_HZ + TE_BOARD_BAUD / 2u) / TE_BOARD_BAUD - 1u;
    UART_TXCTRL = CTRL_ON | TX_WATERMARK_1;
    UART_RXCTRL = CTRL_ON;
}

/* Never sleeps: the manual does not promise that mcycle counts on in a WFI. */
size_t hal_read(uint8_t *buffer, size_t size) {
    size_t count = 0;
    while (count < size) {
        const uint32_t got = UART_RXDATA; /* one read tells both whether there is a byte and which */
        if ((got & RX_EMPTY) != 0) {
            break;
        }
        buffer[count++] = (uint8_t)got;
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
