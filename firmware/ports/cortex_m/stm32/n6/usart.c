/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a USART of an STM32N6 for the line, 8N1, on the HSI; chip.h says which one, and on which pins. */
#include "cache.h"
#include "clock.h"
#include "gpio.h"
#include "usart_fifo.h"

/* RM0486, chapter "Reset and clock control" */
#define RCC 0x56028000u
#define RCC_CCIPR13 CHIP_REGISTER(RCC + 0x174u)
#define RCC_AHB4ENR CHIP_REGISTER(RCC + 0x25Cu)
#define RCC_AHB4ENSR CHIP_REGISTER(RCC + 0xA5Cu)
#define RCC_APB2ENR CHIP_REGISTER(RCC + 0x26Cu)
#define RCC_APB2ENSR CHIP_REGISTER(RCC + 0xA6Cu)
#define CCIPR13_USART1 7u
#define CCIPR13_USART1_HSI 6u

BAUD_CHECK(CLOCK_HSI_HZ);

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
    usart_start(BAUD_STEPS(CLOCK_HSI_HZ));
}

void te_line_interrupt(void) { usart_receive(&ring); }

size_t hal_read(uint8_t *buffer, size_t size) { return ring_take(&ring, buffer, size); }

void hal_write(const uint8_t *data, size_t size) { usart_send(data, size); }

void te_line_drain(void) { usart_drain(); }
