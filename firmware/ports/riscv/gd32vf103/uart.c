/* SPDX-License-Identifier: Apache-2.0 */
/* Takes USART0 of the GD32VF103, on pins A9 (out) and A10 (in), for the line. Registers: GD32VF103 User
 * Manual, "RCU", "GPIO" and "USART". */
#include "chip.h"
#include "te_board.h"

#define RCU_APB2EN CHIP_REGISTER(0x40021018u)
#define APB2EN_AF_PORT_A_USART0 (1u << 0 | 1u << 2 | 1u << 14)

#define GPIOA_CTL1 CHIP_REGISTER(0x40010804u) /* pins 8 to 15, four bits each */
#define GPIOA_BOP CHIP_REGISTER(0x40010810u)
#define CTL1_A9_A10 (0xFFu << 4)
#define CTL1_A9_OUT (0xBu << 4) /* the peripheral's, push-pull, 50 MHz */
#define CTL1_A10_IN (0x8u << 8) /* pulled the way that its output bit says */
#define BOP_A10_UP (1u << 10)

#define USART0 0x40013800u
#define USART_STAT CHIP_REGISTER(USART0 + 0x0)
#define USART_DATA CHIP_REGISTER(USART0 + 0x4)
#define USART_BAUD CHIP_REGISTER(USART0 + 0x8)
#define USART_CTL0 CHIP_REGISTER(USART0 + 0xC)
#define STAT_RX_READY (1u << 5)
#define STAT_TX_DONE (1u << 6)
#define STAT_TX_EMPTY (1u << 7)
#define CTL0_ON (1u << 13 | 1u << 3 | 1u << 2) /* USART, transmitter, receiver */

void te_line_init(void) {
    te_clock_init();
    RCU_APB2EN |= APB2EN_AF_PORT_A_USART0;
    GPIOA_BOP = BOP_A10_UP;
    GPIOA_CTL1 = (GPIOA_CTL1 & ~CTL1_A9_A10) | CTL1_A9_OUT | CTL1_A10_IN;
    USART_BAUD = (TE_BOARD_CLOCK_HZ + TE_BOARD_BAUD / 2u) / TE_BOARD_BAUD;
    USART_CTL0 = CTL0_ON;
}

/* Reading the status and then the byte clears an overrun too. */
size_t hal_read(uint8_t *buffer, size_t size) {
    size_t count = 0;
    while (count < size && (USART_STAT & STAT_RX_READY) != 0) {
        buffer[count++] = (uint8_t)USART_DATA;
    }
    return count;
}

void te_line_drain(void) {
    while ((USART_STAT & STAT_TX_DONE) == 0) {
    }
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((USART_STAT & STAT_TX_EMPTY) == 0) {
        }
        USART_DATA = data[i];
    }
}
