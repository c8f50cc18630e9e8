/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a USART of an STM32F4 for the line, 8N1; te_board.h says which one, and on which pins. */
#include "baud.h"
#include "chip.h"
#include "clock.h"
#include "gpio.h"
#include "ports/ring.h"

/* RM0390, RM0090 and RM0383, chapters "Universal synchronous asynchronous receiver transmitter" and "Reset
 * and clock control" */
#define USART_SR CHIP_REGISTER(TE_BOARD_USART + 0x00u)
#define USART_DR CHIP_REGISTER(TE_BOARD_USART + 0x04u)
#define USART_BRR CHIP_REGISTER(TE_BOARD_USART + 0x08u)
#define USART_CR1 CHIP_REGISTER(TE_BOARD_USART + 0x0Cu)
#define SR_RXNE (1u << 5)
#define SR_TC (1u << 6)
#define SR_TXE (1u << 7)
#define CR1_RE (1u << 2)
#define CR1_TE (1u << 3)
#define CR1_RXNEIE (1u << 5)
#define CR1_UE (1u << 13)
#define CR1_OVER8 (1u << 15)

#define RCC_AHB1ENR CHIP_REGISTER(0x40023830u)                                 /* a bit for each port */
#define RCC_APBENR CHIP_REGISTER(0x40023840u + 4u * (TE_BOARD_USART_BUS - 1u)) /* APB1ENR or APB2ENR */

#define USART_HZ (TE_BOARD_CLOCK_HZ / TE_BOARD_USART_DIVIDER)
BAUD_CHECK(USART_HZ);

/* Arm v7-M interrupt controller: 32 interrupts a register */
#define NVIC_ISER CHIP_REGISTER(0xE000E100u + 4u * (CHIP_LINE_INTERRUPT / 32u))

static struct ring ring;

void te_line_init(void) {
    te_clock_init();
    const uint32_t steps = te_clock_hz == TE_BOARD_CLOCK_HZ ? BAUD_STEPS(USART_HZ) : BAUD_STEPS(CLOCK_HSI_HZ);
    RCC_AHB1ENR |= 1u << TE_BOARD_TX_PORT | 1u << TE_BOARD_RX_PORT;
    RCC_APBENR |= 1u << TE_BOARD_USART_ENABLE;
    (void)RCC_APBENR; /* errata: a clock needs two cycles; this read takes them */
    gpio_alternate(TE_BOARD_GPIO_TX, TE_BOARD_PIN_TX, TE_BOARD_FUNCTION_TX);
    gpio_alternate(TE_BOARD_GPIO_RX, TE_BOARD_PIN_RX, TE_BOARD_FUNCTION_RX);
#ifdef TE_BOARD_MARKER_SET
    RCC_AHB1ENR |= 1u << TE_BOARD_MARKER_PORT;
    (void)RCC_AHB1ENR; /* as above */
    gpio_output(TE_BOARD_MARKER_GPIO, TE_BOARD_MARKER_PIN);
#endif
    /* With OVER8, BRR holds eighths in bits 2:0, and bit 3 is kept 0. */
    USART_BRR = steps < 16u ? (steps & ~7u) << 1 | (steps & 7u) : steps;
    USART_CR1 = CR1_UE | CR1_TE | CR1_RE | CR1_RXNEIE | (steps < 16u ? CR1_OVER8 : 0u);
    NVIC_ISER = 1u << CHIP_LINE_INTERRUPT % 32u;
}

/* Reading SR and then DR clears every flag that RXNEIE interrupts for, overrun, framing and noise too: the
 * line never wedges. An overrun without RXNE has no byte to keep. It looks again, since QEMU 7.2 lowers the
 * interrupt of a byte that it delivers while DR is read. */
void te_line_interrupt(void) {
    uint32_t status = USART_SR;
    do {
        const uint8_t byte = (uint8_t)USART_DR;
        if ((status & SR_RXNE) != 0) {
            ring_put(&ring, byte);
        }
        status = USART_SR;
    } while ((status & SR_RXNE) != 0);
}

/* Sleeps until a byte arrives or SysTick wraps: QEMU delivers no byte to a core that polls. Interrupts are
 * held back while falling asleep, and end the sleep all the same, so that none slips in between. A byte whose
 * interrupt does not come (the emulator labwired knows none) is taken here. */
static void sleep(void) {
    __asm__ volatile("cpsid i" ::: "memory");
    if ((USART_SR & SR_RXNE) != 0) {
        te_line_interrupt();
    } else if (ring_empty(&ring)) {
        __asm__ volatile("dsb \n wfi" ::: "memory");
    }
    __asm__ volatile("cpsie i" ::: "memory");
}

size_t hal_read(uint8_t *buffer, size_t size) {
    const size_t count = ring_take(&ring, buffer, size);
    if (count == 0) {
        sleep();
    }
    return count;
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((USART_SR & SR_TXE) == 0) {
        }
        USART_DR = data[i];
    }
}

void te_line_drain(void) {
    while ((USART_SR & SR_TC) == 0) {
    }
}
