/* SPDX-License-Identifier: Apache-2.0 */
/* Takes UART0 and the USB-Serial-JTAG controller of an ESP32 for the line: whichever sent us something last.
 *
 * Registers: the chips' Technical Reference Manuals, chapters "UART Controller" and "USB Serial/JTAG
 * Controller". */
#include "chip.h"
#include "esp.h"
#include "hal.h"
#include "te_board.h"

#define UART_FIFO ESP_REGISTER(ESP_UART0)
#define UART_STATUS ESP_REGISTER(ESP_UART0 + 0x1Cu) /* bytes received in bits 7:0, to send in 23:16 */
#define UART_COUNT 0xFFu
#define UART_TO_SEND 16u
#define FIFO 128u /* bytes; the ROM leaves it so */

#define USB_DATA ESP_REGISTER(ESP_USB)
#define USB_STATUS ESP_REGISTER(ESP_USB + 4u)
#define USB_SEND 1u     /* what was written goes out */
#define USB_ROOM 2u     /* a byte may be written */
#define USB_RECEIVED 4u /* there is a byte */
#define USB_PACKET 64u

/* A byte at 9600 bit/s takes 1 ms; a host that reads takes a USB packet within a few of its 1 ms frames. */
#define PATIENCE (TE_BOARD_CLOCK_HZ / 20u)

static int on_usb;

static uint32_t waiting(void) { return UART_STATUS >> UART_TO_SEND & UART_COUNT; }

/* The count falls to 0 when the last byte begins to leave, so this waits ten bits more. All waits end: where
 * an emulator has no UART that counts, nothing is lost. */
void te_line_drain(void) {
    uint32_t start = te_cycles();
    while (waiting() != 0 && te_cycles() - start < PATIENCE) {
    }
    start = te_cycles();
    while (te_cycles() - start < 10u * (TE_BOARD_CLOCK_HZ / TE_BOARD_BAUD)) {
    }
}

/* Through the GPIO matrix, where the board has the UART on other pins than the ROM, or a marker: Technical
 * Reference Manual, "IO MUX and GPIO Matrix". */
#define GPIO_ENABLE_SET(pin) ESP_REGISTER(TE_BOARD_GPIO + ((pin) < 32u ? 0x24u : 0x30u))
#define GPIO_IN_SELECT ESP_REGISTER(TE_BOARD_GPIO + 0x154u + 4u * TE_BOARD_UART_SIGNAL)
#define GPIO_OUT_SELECT(pin) ESP_REGISTER(TE_BOARD_GPIO + 0x554u + 4u * (pin))
#define IO_MUX(pin) ESP_REGISTER(TE_BOARD_IO_MUX + 4u + 4u * (pin))
#define IO_MUX_GPIO (1u << 12 | 2u << 10) /* function 1, the matrix; 20 mA */
#define IO_MUX_INPUT_UP (1u << 9 | 1u << 8)

#ifdef TE_BOARD_MARKER_SET
static void prepare_marker(void) {
    GPIO_OUT_SELECT(TE_BOARD_MARKER_PIN) = TE_BOARD_MARKER_SIGNAL;
    GPIO_ENABLE_SET(TE_BOARD_MARKER_PIN) = TE_BOARD_MARKER_SET_BITS;
    IO_MUX(TE_BOARD_MARKER_PIN) = IO_MUX_GPIO;
}
#endif

#if TE_BOARD_UART_MOVED
static void move_pins(void) {
    GPIO_OUT_SELECT(TE_BOARD_PIN_TX) = TE_BOARD_UART_SIGNAL | 1u << TE_BOARD_GPIO_ENABLE;
    GPIO_ENABLE_SET(TE_BOARD_PIN_TX) = 1u << TE_BOARD_PIN_TX % 32u;
    IO_MUX(TE_BOARD_PIN_TX) = IO_MUX_GPIO;
    IO_MUX(TE_BOARD_PIN_RX) = IO_MUX_GPIO | IO_MUX_INPUT_UP;
    GPIO_IN_SELECT = TE_BOARD_PIN_RX | 1u << TE_BOARD_GPIO_SELECT;
}
#endif

/* What the ROM has printed goes out first, at its 115200 bit/s. */
void te_line_init(void) {
    const uint32_t start = te_cycles();
    while (waiting() != 0 && te_cycles() - start < PATIENCE) {
    }
    while (te_cycles() - start < TE_BOARD_CLOCK_HZ / 11520u) {
    }
#if TE_BOARD_UART_MOVED
    move_pins();
#endif
#ifdef TE_BOARD_MARKER_SET
    prepare_marker();
#endif
    te_uart_divide((ESP_CRYSTAL_HZ * 16u + TE_BOARD_BAUD / 2u) / TE_BOARD_BAUD);
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
        const uint32_t start = te_cycles();
        while ((USB_STATUS & USB_ROOM) == 0) {
            if (te_cycles() - start > PATIENCE) {
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
        const uint32_t start = te_cycles();
        while (waiting() >= FIFO - 1 && te_cycles() - start < PATIENCE) {
        }
        UART_FIFO = data[i];
    }
}
