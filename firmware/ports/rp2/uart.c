/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a UART of an RP2 chip for the line; te_board.h says which one, and on which pins. It is an Arm PL011
 * (DDI 0183): RP2040 Datasheet 4.2, RP2350 Datasheet 12.1. */
#include "rp2.h"
#include "te_board.h"

#define UART_DR CHIP_REGISTER(TE_BOARD_UART + 0x00)
#define UART_FR CHIP_REGISTER(TE_BOARD_UART + 0x18)
#define UART_IBRD CHIP_REGISTER(TE_BOARD_UART + 0x24)
#define UART_FBRD CHIP_REGISTER(TE_BOARD_UART + 0x28)
#define UART_LCR_H CHIP_REGISTER(TE_BOARD_UART + 0x2C)
#define UART_CR CHIP_REGISTER(TE_BOARD_UART + 0x30)
#define FR_RX_EMPTY (1u << 4)
#define FR_TX_FULL (1u << 5)
#define FR_BUSY (1u << 3)
#define LCR_8N1_FIFOS (3u << 5 | 1u << 4)
#define CR_ON (1u << 0 | 1u << 8 | 1u << 9) /* UART, transmitter, receiver */
/* 64ths of a sixteenth of a bit, rounded. */
#define DIVISOR ((TE_BOARD_CLOCK_HZ * 8u / TE_BOARD_BAUD + 1u) / 2u)

/* Functions of pins: RP2040 Datasheet 2.19.2. Out of reset a pad has its input on; the RP2350's is isolated
 * and has it off. A pull-up keeps an open line quiet. */
#define PIN_FUNCTION(pin) CHIP_REGISTER(CHIP_IO_BANK0 + 0x04 + 8u * (pin))
#define PIN_PAD(pin) CHIP_REGISTER(CHIP_PADS_BANK0 + 0x04 + 4u * (pin))
#define FUNCTION_SIO 5u                                 /* the CPU's own */
#define PAD_INPUT_PULL_UP (1u << 6 | 1u << 3 | 1u << 1) /* and a Schmitt trigger */
#define PAD_OUTPUT (1u << 6 | 1u << 4)                  /* 4 mA */

void te_line_init(void) {
    te_clock_init();
    te_reset_block(CHIP_RESET_IO_BANK0 | CHIP_RESET_PADS_BANK0 | 1u << TE_BOARD_UART_RESET);
    UART_IBRD = DIVISOR >> 6;
    UART_FBRD = DIVISOR & 63u;
    UART_LCR_H = LCR_8N1_FIFOS;
    UART_CR = CR_ON;
    PIN_PAD(TE_BOARD_PIN_TX) = PAD_OUTPUT;
    PIN_PAD(TE_BOARD_PIN_RX) = PAD_INPUT_PULL_UP;
    PIN_FUNCTION(TE_BOARD_PIN_TX) = TE_BOARD_FUNCTION_TX;
    PIN_FUNCTION(TE_BOARD_PIN_RX) = TE_BOARD_FUNCTION_RX;
#ifdef TE_BOARD_MARKER_SET
    CHIP_REGISTER(TE_BOARD_MARKER_ENABLE) = TE_BOARD_MARKER_SET_BITS;
    PIN_PAD(TE_BOARD_MARKER_PIN) = PAD_OUTPUT;
    PIN_FUNCTION(TE_BOARD_MARKER_PIN) = FUNCTION_SIO;
#endif
}

size_t hal_read(uint8_t *buffer, size_t size) {
    size_t count = 0;
    while (count < size && (UART_FR & FR_RX_EMPTY) == 0) {
        buffer[count++] = (uint8_t)UART_DR;
    }
    return count;
}

void te_line_drain(void) {
    while ((UART_FR & FR_BUSY) != 0) {
    }
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((UART_FR & FR_TX_FULL) != 0) {
        }
        UART_DR = data[i];
    }
}
