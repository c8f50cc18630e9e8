/* SPDX-License-Identifier: Apache-2.0 */
/* Takes UART0 of an nRF52 for the line, 8N1; te_board.h says which pins. UARTE0, the same UART with DMA,
 * tells how many bytes it has received only when its buffer is full: frames of any length need the bytes
 * themselves. */
#include "chip.h"
#include "polled.h"
#include "ports/ring.h"
#include "te_board.h"

/* nRF52840 Product Specification: "UART", "GPIO", "CLOCK", "NVMC", "Access port protection" */
#define UART 0x40002000u
#define UART_STARTRX CHIP_REGISTER(UART + 0x000u)
#define UART_STARTTX CHIP_REGISTER(UART + 0x008u)
#define UART_RXDRDY CHIP_REGISTER(UART + 0x108u)
#define UART_TXDRDY CHIP_REGISTER(UART + 0x11Cu)
#define UART_INTENSET CHIP_REGISTER(UART + 0x304u)
#define UART_ENABLE CHIP_REGISTER(UART + 0x500u)
#define UART_PSELTXD CHIP_REGISTER(UART + 0x50Cu)
#define UART_PSELRXD CHIP_REGISTER(UART + 0x514u)
#define UART_RXD CHIP_REGISTER(UART + 0x518u)
#define UART_TXD CHIP_REGISTER(UART + 0x51Cu)
#define UART_BAUDRATE CHIP_REGISTER(UART + 0x524u)
#define INTEN_RXDRDY (1u << 2)
#define ENABLE_UART 4u

/* A pin is its number below 32 and, times 32, its port, as PSEL has it. */
#define GPIO_PORT(pin) (0x50000000u + 0x300u * ((pin) / 32u))
#define GPIO_OUTSET(pin) CHIP_REGISTER(GPIO_PORT(pin) + 0x508u)
#define GPIO_PIN_CNF(pin) CHIP_REGISTER(GPIO_PORT(pin) + 0x700u + 4u * ((pin) % 32u))
#define PIN_CNF_OUTPUT 3u    /* no input buffer */
#define PIN_CNF_INPUT_UP 12u /* pull-up */

#define CLOCK_HFCLKSTART CHIP_REGISTER(0x40000000u)
#define CLOCK_HFCLKSTARTED CHIP_REGISTER(0x40000100u)
#define NVMC_ICACHECNF CHIP_REGISTER(0x4001E540u)
#define APPROTECT_DISABLE CHIP_REGISTER(0x40000558u)
#define UICR_APPROTECT CHIP_REGISTER(0x10001208u)

/* The table of BAUDRATE; those that come out more than 2 % wrong, such as 921600 as 941176, are left out. */
#if TE_BOARD_BAUD == 115200
#define BAUDRATE 0x01D7E000u /* 115942 */
#elif TE_BOARD_BAUD == 230400
#define BAUDRATE 0x03AFB000u /* 231884 */
#elif TE_BOARD_BAUD == 250000
#define BAUDRATE 0x04000000u
#elif TE_BOARD_BAUD == 1000000
#define BAUDRATE 0x10000000u
#else
#error "link.baud: the nRF52's UART does 115200, 230400, 250000 and 1000000"
#endif

/* Arm v7-M interrupt controller */
#define NVIC_ISER CHIP_REGISTER(0xE000E100u)

/* Turns of a wait, of some ten cycles at 64 MHz: 15 ms, where the crystal needs 0.4 ms. */
#define PATIENCE 100000u

static struct ring ring;

/* The crystal, since the UART wants a clock better than the internal oscillator's few percent. The CPU runs
 * at 64 MHz from either; without a crystal it stays on the internal one. */
static void clock_init(void) {
    CLOCK_HFCLKSTARTED = 0;
    CLOCK_HFCLKSTART = 1;
    for (uint32_t turn = 0; turn < PATIENCE && CLOCK_HFCLKSTARTED == 0; turn++) {
    }
    NVMC_ICACHECNF = 1; /* on: the flash has wait states */
}

void te_line_init(void) {
    /* From revision 3 of the chip on, firmware must confirm that the debug port may stay open; earlier ones
     * have nothing there. */
    APPROTECT_DISABLE = UICR_APPROTECT;
    clock_init();
    GPIO_OUTSET(TE_BOARD_PIN_TX) = 1u << TE_BOARD_PIN_TX % 32u; /* idle is high */
    GPIO_PIN_CNF(TE_BOARD_PIN_TX) = PIN_CNF_OUTPUT;
    GPIO_PIN_CNF(TE_BOARD_PIN_RX) = PIN_CNF_INPUT_UP;
#ifdef TE_BOARD_MARKER_SET
    GPIO_PIN_CNF(TE_BOARD_MARKER_PIN) = PIN_CNF_OUTPUT;
#endif
    UART_PSELTXD = TE_BOARD_PIN_TX;
    UART_PSELRXD = TE_BOARD_PIN_RX;
    UART_BAUDRATE = BAUDRATE;
    UART_ENABLE = ENABLE_UART;
    UART_INTENSET = INTEN_RXDRDY;
    NVIC_ISER = 1u << CHIP_LINE_INTERRUPT;
    UART_STARTRX = 1;
    UART_STARTTX = 1;
}

/* One event for each byte of the six that the UART holds. Overrun and framing errors stop nothing here. */
void te_line_interrupt(void) {
    while (UART_RXDRDY != 0) {
        UART_RXDRDY = 0;
        ring_put(&ring, (uint8_t)UART_RXD);
    }
}

size_t hal_read(uint8_t *buffer, size_t size) { return polled_read(&ring, buffer, size); }

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        UART_TXDRDY = 0;
        UART_TXD = data[i];
        while (UART_TXDRDY == 0) {
        }
    }
}

/* hal_write() has waited for the last byte's TXDRDY: it has left. */
void te_line_drain(void) {}
