/* SPDX-License-Identifier: Apache-2.0 */
/* Takes UART0 and the USB-Serial-JTAG controller of an ESP32-S3 for the line: whichever sent us something
   last.

   Registers: ESP32-S3 Technical Reference Manual, UART and USB_SERIAL_JTAG. */
#include "te_board.h"
#include "xtensa.h"

#define UART 0x60000000u
#define UART_FIFO CHIP_REGISTER(UART)
#define UART_DIVIDER CHIP_REGISTER(UART + 0x14u)
#define UART_STATUS CHIP_REGISTER(UART + 0x1Cu) /* received bytes in bits 9:0, bytes to send in 25:16 */
#define UART_COUNT 0x3FFu
#define UART_TO_SEND 16u
#define UART_CLOCK CHIP_REGISTER(UART + 0x78u)
#define CLOCK_SOURCE (3u << 20)
#define CLOCK_SOURCE_CRYSTAL (3u << 20)
#define CLOCK_DIVIDER (0xFFu << 12)
#define FIFO 128u /* bytes; the ROM leaves it so */
#define CRYSTAL 40000000u
#define SIXTEENTHS ((CRYSTAL * 16u + TE_BOARD_BAUD / 2u) / TE_BOARD_BAUD) /* the divider, in sixteenths */

#define USB_DATA CHIP_REGISTER(0x60038000u)
#define USB_STATUS CHIP_REGISTER(0x60038004u)
#define USB_SEND 1u     /* what was written goes out */
#define USB_ROOM 2u     /* a byte may be written */
#define USB_RECEIVED 4u /* there is a byte */
#define USB_PACKET 64u

/* A byte at 9600 bit/s takes 1 ms; a host that reads takes a USB packet within a few of its 1 ms frames. */
#define PATIENCE (TE_BOARD_CLOCK_HZ / 20u)

static int on_usb;

static uint32_t now(void) {
    uint32_t cycles;
    CHIP_READ_SR("ccount", cycles);
    return cycles;
}

/* The crystal stays when the CPU's clock changes. What the ROM has printed goes out first. */
void te_line_init(void) {
    const uint32_t start = now();
    while ((UART_STATUS >> UART_TO_SEND & UART_COUNT) != 0 && now() - start < PATIENCE) {
    }
    UART_CLOCK = (UART_CLOCK & ~(CLOCK_SOURCE | CLOCK_DIVIDER)) | CLOCK_SOURCE_CRYSTAL;
    UART_DIVIDER = (SIXTEENTHS & 15u) << 20 | SIXTEENTHS >> 4;
}

size_t hal_read(uint8_t *buffer, size_t size) {
    size_t count = 0;
    while (count < size && (UART_STATUS & UART_COUNT) != 0) {
        buffer[count++] = (uint8_t)UART_FIFO;
        on_usb = 0;
    }
    if (count != 0) {
        return count;
    }
    while (count < size && (USB_STATUS & USB_RECEIVED) != 0) {
        buffer[count++] = (uint8_t)USB_DATA;
        on_usb = 1;
    }
    (void)hal_ticks(); /* sees every wrap of the cycle counter */
    return count;
}

/* Gives up where nobody reads any more. */
static void write_usb(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        const uint32_t start = now();
        while ((USB_STATUS & USB_ROOM) == 0) {
            if (now() - start > PATIENCE) {
                return;
            }
        }
        USB_DATA = data[i];
        if (i % USB_PACKET == USB_PACKET - 1 || i == size - 1) {
            USB_STATUS = USB_SEND;
        }
    }
}

void hal_write(const uint8_t *data, size_t size) {
    if (on_usb) {
        write_usb(data, size);
        return;
    }
    for (size_t i = 0; i < size; i++) {
        const uint32_t start = now();
        while ((UART_STATUS >> UART_TO_SEND & UART_COUNT) >= FIFO - 1 && now() - start < PATIENCE) {
        }
        UART_FIFO = data[i];
    }
}
