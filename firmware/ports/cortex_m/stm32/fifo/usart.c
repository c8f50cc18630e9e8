/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a USART with FIFOs for the line, 8N1; te_board.h says which one, and on
 * which pins. */
#include "baud.h"
#include "chip.h"
#include "clock.h"
#include "gpio.h"
#include "ports/ring.h"

/* RM0456 (STM32U5), chapter "Universal synchronous/asynchronous receiver
 * transmitter"; the same registers in all families that have them. */
#define USART_CR1 CHIP_REGISTER(TE_BOARD_USART + 0x00u)
#define USART_BRR CHIP_REGISTER(TE_BOARD_USART + 0x0Cu)
#define USART_ISR CHIP_REGISTER(TE_BOARD_USART + 0x1Cu)
#define USART_ICR CHIP_REGISTER(TE_BOARD_USART + 0x20u)
#define USART_RDR CHIP_REGISTER(TE_BOARD_USART + 0x24u)
#define USART_TDR CHIP_REGISTER(TE_BOARD_USART + 0x28u)
#define CR1_UE (1u << 0)
#define CR1_RE (1u << 2)
#define CR1_TE (1u << 3)
#define CR1_RXFNEIE (1u << 5)
#define CR1_OVER8 (1u << 15)
#define CR1_FIFOEN (1u << 29)
#define ISR_RXFNE (1u << 5)
#define ISR_TC (1u << 6)
#define ISR_TXFNF (1u << 7)
#define ICR_ERRORS 15u /* parity, framing, noise, overrun */

#define RCC_GPIOENR CHIP_REGISTER(TE_BOARD_GPIO_ENABLE) /* a bit for each port */
#define RCC_USARTENR CHIP_REGISTER(TE_BOARD_USART_ENABLE)

#define USART_HZ (TE_BOARD_CLOCK_HZ / TE_BOARD_USART_DIVIDER)
BAUD_CHECK(USART_HZ);

/* Arm v7-M and v8-M interrupt controller: 32 interrupts a register */
#define NVIC_ISER CHIP_REGISTER(0xE000E100u + 4u * (CHIP_LINE_INTERRUPT / 32u))

static struct ring ring;

static void prepare_pins(void) {
    RCC_GPIOENR |= 1u << TE_BOARD_TX_PORT | 1u << TE_BOARD_RX_PORT;
    (void)RCC_GPIOENR; /* errata: a clock needs two cycles; this read takes them */
    gpio_alternate(TE_BOARD_GPIO_TX, TE_BOARD_PIN_TX, TE_BOARD_FUNCTION_TX);
    gpio_alternate(TE_BOARD_GPIO_RX, TE_BOARD_PIN_RX, TE_BOARD_FUNCTION_RX);
#ifdef TE_BOARD_MARKER_SET
    RCC_GPIOENR |= 1u << TE_BOARD_MARKER_PORT;
    (void)RCC_GPIOENR; /* as above */
    gpio_output(TE_BOARD_MARKER_GPIO, TE_BOARD_MARKER_PIN);
#endif
}

void te_line_init(void) {
    te_clock_init();
    const uint32_t steps = BAUD_STEPS(te_clock_hz == TE_BOARD_CLOCK_HZ ? USART_HZ : te_clock_hz);
    prepare_pins();
    RCC_USARTENR |= 1u << TE_BOARD_USART_ENABLE_BIT;
    (void)RCC_USARTENR; /* as above */
    /* With OVER8, BRR holds twice the steps, but the lowest four bits shifted
   * right by one. */
    USART_BRR = steps >= 16u ? steps : (2u * steps & ~15u) | (2u * steps & 15u) >> 1;
    USART_CR1 = CR1_FIFOEN | CR1_TE | CR1_RE | CR1_RXFNEIE | (steps < 16u ? CR1_OVER8 : 0u);
    USART_CR1 |= CR1_UE;
    NVIC_ISER = 1u << CHIP_LINE_INTERRUPT % 32u;
}

/* RXFNEIE interrupts for an overrun too, which stays until ICR clears it. */
void te_line_interrupt(void) {
    USART_ICR = ICR_ERRORS;
    while ((USART_ISR & ISR_RXFNE) != 0) {
        ring_put(&ring, (uint8_t)USART_RDR);
    }
}

/* Never sleeps, so that it takes a byte also where no interrupt comes (the
 * emulator labwired knows none). */
size_t hal_read(uint8_t *buffer, size_t size) {
    if (ring_empty(&ring)) {
        __asm__ volatile("cpsid i" ::: "memory");
        te_line_interrupt();
        __asm__ volatile("cpsie i" ::: "memory");
    }
    return ring_take(&ring, buffer, size);
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((USART_ISR & ISR_TXFNF) == 0) {
        }
        USART_TDR = data[i];
    }
}

void te_line_drain(void) {
    while ((USART_ISR & ISR_TC) == 0) {
    }
}
