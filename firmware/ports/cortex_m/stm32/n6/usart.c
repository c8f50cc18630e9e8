/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a USART of an STM32N6 for the line, 8N1, on the HSI; chip.h says which one, and on which pins. */
#include "baud.h"
#include "cache.h"
#include "chip.h"
#include "clock.h"
#include "gpio.h"
#include "ports/ring.h"

/* RM0486, chapters "Universal synchronous/asynchronous receiver transmitter" and "Reset and clock control" */
#define USART_CR1 CHIP_REGISTER(CHIP_USART + 0x00u)
#define USART_BRR CHIP_REGISTER(CHIP_USART + 0x0Cu)
#define USART_ISR CHIP_REGISTER(CHIP_USART + 0x1Cu)
#define USART_ICR CHIP_REGISTER(CHIP_USART + 0x20u)
#define USART_RDR CHIP_REGISTER(CHIP_USART + 0x24u)
#define USART_TDR CHIP_REGISTER(CHIP_USART + 0x28u)
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

#define RCC 0x56028000u
#define RCC_CCIPR13 CHIP_REGISTER(RCC + 0x174u)
#define RCC_AHB4ENR CHIP_REGISTER(RCC + 0x25Cu)
#define RCC_AHB4ENSR CHIP_REGISTER(RCC + 0xA5Cu)
#define RCC_APB2ENR CHIP_REGISTER(RCC + 0x26Cu)
#define RCC_APB2ENSR CHIP_REGISTER(RCC + 0xA6Cu)
#define CCIPR13_USART1 7u
#define CCIPR13_USART1_HSI 6u

BAUD_CHECK(CLOCK_HSI_HZ);
#define STEPS BAUD_STEPS(CLOCK_HSI_HZ)
/* With OVER8, BRR holds twice the steps, but the lowest four bits shifted right by one. */
#define BRR (STEPS >= 16u ? STEPS : (2u * STEPS & ~15u) | (2u * STEPS & 15u) >> 1)

/* Arm v8-M interrupt controller: 32 interrupts a register */
#define NVIC_ISER CHIP_REGISTER(0xE000E100u + 4u * (CHIP_LINE_INTERRUPT / 32u))

static struct ring ring;

void te_line_init(void) {
    te_clock_init();
    te_caches_on();
    RCC_CCIPR13 = (RCC_CCIPR13 & ~CCIPR13_USART1) | CCIPR13_USART1_HSI;
    RCC_AHB4ENSR = CHIP_GPIO_ENABLE;
    RCC_APB2ENSR = CHIP_USART_ENABLE;
    (void)RCC_AHB4ENR; /* a clock needs two cycles; these reads take them */
    (void)RCC_APB2ENR;
    gpio_alternate(CHIP_GPIO, CHIP_PIN_TX, CHIP_PIN_FUNCTION);
    gpio_alternate(CHIP_GPIO, CHIP_PIN_RX, CHIP_PIN_FUNCTION);
    USART_BRR = BRR;
    USART_CR1 = CR1_FIFOEN | CR1_TE | CR1_RE | CR1_RXFNEIE | (STEPS < 16u ? CR1_OVER8 : 0u);
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

size_t hal_read(uint8_t *buffer, size_t size) { return ring_take(&ring, buffer, size); }

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
