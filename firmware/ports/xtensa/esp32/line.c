/* SPDX-License-Identifier: Apache-2.0 */
/* Takes UART0 of an ESP32 for the line.

   Registers: ESP32 Technical Reference Manual, "UART Controllers". */
#include "te_board.h"
#include "xtensa.h"

#define UART 0x3FF40000u
#define UART_RECEIVED CHIP_REGISTER(UART)
#define UART_SEND CHIP_REGISTER(0x60000000u) /* what is written at UART may get lost (ESP32 errata, 3.18) */
#define UART_DIVIDER CHIP_REGISTER(UART + 0x14u)
#define UART_STATUS CHIP_REGISTER(UART + 0x1Cu) /* received bytes in bits 7:0, bytes to send in 23:16 */
#define UART_COUNT 0xFFu
#define UART_TO_SEND 16u
#define UART_RECEIVE CHIP_REGISTER(UART + 0x60u) /* where it is read, bits 12:2, and written, 23:13 */
#define PLACE 0x7FFu
#define FIFO 128u     /* bytes */
#define BUS 80000000u /* Hz, while the CPU runs from the PLL */
#define SIXTEENTHS ((BUS / 1000u * 16u + TE_BOARD_BAUD / 2000u) / (TE_BOARD_BAUD / 1000u)) /* the divider */

#define PATIENCE (TE_BOARD_CLOCK_HZ / 20u) /* cycles; a byte at 9600 bit/s takes 1 ms */

static uint32_t to_send(void) { return UART_STATUS >> UART_TO_SEND & UART_COUNT; }

/* The count alone is not to be trusted where bytes are read at UART; the places are equal when the FIFO is
 * empty and when it is full. */
static int has_received(void) {
    const uint32_t places = UART_RECEIVE;
    return (UART_STATUS & UART_COUNT) != 0 || (places >> 2 & PLACE) != (places >> 13 & PLACE);
}

/* What the ROM has printed goes out first. */
void te_line_init(void) {
    const uint32_t start = chip_cycles();
    while (to_send() != 0 && chip_cycles() - start < PATIENCE) {
    }
    UART_DIVIDER = (SIXTEENTHS & 15u) << 20 | SIXTEENTHS >> 4;
}

size_t hal_read(uint8_t *buffer, size_t size) {
    size_t count = 0;
    while (count < size && has_received()) {
        buffer[count++] = (uint8_t)UART_RECEIVED;
    }
    (void)hal_ticks(); /* sees every wrap of the cycle counter */
    return count;
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        const uint32_t start = chip_cycles();
        while (to_send() >= FIFO - 1 && chip_cycles() - start < PATIENCE) {
        }
        UART_SEND = data[i];
    }
}
