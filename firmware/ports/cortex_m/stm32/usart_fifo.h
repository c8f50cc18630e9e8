/* SPDX-License-Identifier: Apache-2.0 */
/* An STM32's USART with FIFOs (RM0433, RM0456, RM0486, chapter "Universal synchronous/asynchronous receiver
 * transmitter": the same registers in all families that have them). chip.h says which one: CHIP_USART. */
#ifndef USART_FIFO_H
#define USART_FIFO_H

#include "baud.h"
#include "chip.h"
#include "ports/ring.h"

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

/* Arm v7-M and v8-M interrupt controller: 32 interrupts a register */
#define NVIC_ISER CHIP_REGISTER(0xE000E100u + 4u * (CHIP_LINE_INTERRUPT / 32u))

/* 8N1, and an interrupt for each byte; a bit lasts `steps` cycles of the USART's clock (baud.h). With OVER8, BRR holds
 * twice the steps, but the lowest four bits shifted right by one. */
static inline void usart_start(uint32_t steps) {
    USART_BRR = steps >= 16u ? steps : (2u * steps & ~15u) | (2u * steps & 15u) >> 1;
    USART_CR1 = CR1_FIFOEN | CR1_TE | CR1_RE | CR1_RXFNEIE | (steps < 16u ? CR1_OVER8 : 0u);
    USART_CR1 |= CR1_UE;
    NVIC_ISER = 1u << CHIP_LINE_INTERRUPT % 32u;
}

/* RXFNEIE interrupts for an overrun too, which stays until ICR clears it. */
static inline void usart_receive(struct ring *ring) {
    USART_ICR = ICR_ERRORS;
    while ((USART_ISR & ISR_RXFNE) != 0) {
        ring_put(ring, (uint8_t)USART_RDR);
    }
}

static inline void usart_send(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((USART_ISR & ISR_TXFNF) == 0) {
        }
        USART_TDR = data[i];
    }
}

static inline void usart_drain(void) {
    while ((USART_ISR & ISR_TC) == 0) {
    }
}

#endif
