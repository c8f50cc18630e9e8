/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a USART with FIFOs for the line, 8N1; te_board.h says which one, and on which pins. */
#include "clock.h"
#include "gpio.h"
#include "polled.h"
#include "usart_fifo.h"

#define RCC_GPIOENR CHIP_REGISTER(TE_BOARD_GPIO_ENABLE) /* a bit for each port */
#define RCC_USARTENR CHIP_REGISTER(TE_BOARD_USART_ENABLE)

#define USART_HZ (TE_BOARD_CLOCK_HZ / TE_BOARD_USART_DIVIDER)
BAUD_CHECK(USART_HZ);

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
    const uint32_t steps = te_clock_hz == TE_BOARD_CLOCK_HZ ? BAUD_STEPS(USART_HZ) : BAUD_STEPS(CLOCK_HSI_HZ);
    prepare_pins();
    RCC_USARTENR |= 1u << TE_BOARD_USART_ENABLE_BIT;
    (void)RCC_USARTENR; /* as above */
    usart_start(steps);
}

void te_line_interrupt(void) { usart_receive(&ring); }

size_t hal_read(uint8_t *buffer, size_t size) { return polled_read(&ring, buffer, size); }

void hal_write(const uint8_t *data, size_t size) { usart_send(data, size); }

void te_line_drain(void) { usart_drain(); }
