/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a UARTE for the line, 8N1; te_board.h says which one, and on which pins, chip.h where its registers
 * are.
 *
 * A UARTE moves bytes by DMA, and tells of those that it received when its buffer is full: a buffer of one
 * byte tells of each. While none is given to it, its FIFO keeps what comes. */
#include "chip.h"
#include "polled.h"
#include "ports/ring.h"
#include "start.h"
#include "te_board.h"

#define UARTE(offset) CHIP_REGISTER(TE_BOARD_UARTE + (offset))
#define UARTE_INTENSET 0x304u
#define UARTE_ENABLE 0x500u
#define UARTE_BAUDRATE 0x524u
#define ENABLE_UARTE 8u
/* An event's bit in INTEN */
#define INTEN(event) (1u << ((event) - 0x100u) / 4u)

#define GPIO_OUTSET(port) CHIP_REGISTER((port) + CHIP_GPIO_OUTSET)
#define GPIO_PIN_CNF(port, pin) CHIP_REGISTER((port) + CHIP_GPIO_PIN_CNF + 4u * ((pin) % 32u))
#define PIN_CNF_OUTPUT 3u    /* no input buffer */
#define PIN_CNF_INPUT_UP 12u /* pull-up */

/* The table of BAUDRATE; those that come out more than 2 % wrong, such as 921600 as 941176, are left out. */
#if TE_BOARD_BAUD == 115200
#define BAUDRATE 0x01D60000u /* 115108 */
#elif TE_BOARD_BAUD == 230400
#define BAUDRATE 0x03B00000u /* 231884 */
#elif TE_BOARD_BAUD == 250000
#define BAUDRATE 0x04000000u
#elif TE_BOARD_BAUD == 460800
#define BAUDRATE 0x07400000u /* 457143 */
#elif TE_BOARD_BAUD == 1000000
#define BAUDRATE 0x10000000u
#else
#error "link.baud: a UARTE does 115200, 230400, 250000, 460800 and 1000000"
#endif

/* Arm v8-M interrupt controller: 32 interrupts a register */
#define NVIC_ISER CHIP_REGISTER(0xE000E100u + 4u * (CHIP_LINE_INTERRUPT / 32u))

static struct ring ring;
static volatile uint8_t received;
static volatile uint8_t sent[64]; /* the DMA reaches RAM alone, and the runtime's bytes may be in flash */

static void prepare_pins(void) {
    GPIO_OUTSET(TE_BOARD_GPIO_TX) = 1u << TE_BOARD_PIN_TX % 32u; /* idle is high */
    GPIO_PIN_CNF(TE_BOARD_GPIO_TX, TE_BOARD_PIN_TX) = PIN_CNF_OUTPUT;
    GPIO_PIN_CNF(TE_BOARD_GPIO_RX, TE_BOARD_PIN_RX) = PIN_CNF_INPUT_UP;
#ifdef TE_BOARD_MARKER_SET
    GPIO_PIN_CNF(TE_BOARD_MARKER_GPIO, TE_BOARD_MARKER_PIN) = PIN_CNF_OUTPUT;
#endif
}

void te_line_init(void) {
    te_clock_init();
    prepare_pins();
    UARTE(CHIP_UARTE_PSEL_TXD) = TE_BOARD_PIN_TX;
    UARTE(CHIP_UARTE_PSEL_RXD) = TE_BOARD_PIN_RX;
    UARTE(UARTE_BAUDRATE) = BAUDRATE;
    UARTE(UARTE_ENABLE) = ENABLE_UARTE;
    UARTE(CHIP_UARTE_RX_PTR) = (uint32_t)(uintptr_t)&received;
    UARTE(CHIP_UARTE_RX_MAXCNT) = 1;
    UARTE(UARTE_INTENSET) = INTEN(CHIP_UARTE_RX_END);
    NVIC_ISER = 1u << CHIP_LINE_INTERRUPT % 32u;
    UARTE(CHIP_UARTE_RX_START) = 1;
}

/* Overrun and framing errors stop nothing here. */
void te_line_interrupt(void) {
    while (UARTE(CHIP_UARTE_RX_END) != 0) {
        UARTE(CHIP_UARTE_RX_END) = 0;
        const uint8_t byte = received;
        UARTE(CHIP_UARTE_RX_START) = 1;
        ring_put(&ring, byte);
    }
}

size_t hal_read(uint8_t *buffer, size_t size) { return polled_read(&ring, buffer, size); }

void hal_write(const uint8_t *data, size_t size) {
    while (size > 0) {
        const size_t count = size < sizeof sent ? size : sizeof sent;
        for (size_t i = 0; i < count; i++) {
            sent[i] = data[i];
        }
        UARTE(CHIP_UARTE_TX_PTR) = (uint32_t)(uintptr_t)sent;
        UARTE(CHIP_UARTE_TX_MAXCNT) = (uint32_t)count;
        UARTE(CHIP_UARTE_TX_END) = 0;
        UARTE(CHIP_UARTE_TX_START) = 1;
        while (UARTE(CHIP_UARTE_TX_END) == 0) {
        }
        data += count;
        size -= count;
    }
}

/* hal_write() has waited until the last byte had left. */
void te_line_drain(void) {}
