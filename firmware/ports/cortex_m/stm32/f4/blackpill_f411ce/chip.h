/* SPDX-License-Identifier: Apache-2.0 */
/* The STM32F411CEU6 of a "black pill": its crystal, and the UART that its ROM boot loader listens on as well.
 */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"

/* RM0383 "RCC", and DS10314 (STM32F411) "General operating conditions" */
#define CHIP_MOST_HZ 100000000u
#define CHIP_NORMAL_HZ 100000000u /* there is no over-drive */
#define CHIP_VOS (3u << 14)
#define CHIP_APB1_DIVIDER 2u
#define CHIP_APB2_DIVIDER 1u
#define CHIP_HSE_HZ 25000000u
#define CHIP_HSE_BYPASS 0
#define CHIP_PLL_INPUT_HZ 1000000u
#define CHIP_PREFETCH 1

/* USART1 on APB2, alternate function 7 of PA9 and PA10 (DS10314 "Alternate function mapping") */
#define CHIP_USART 0x40011000u
#define CHIP_USART_DIVIDER CHIP_APB2_DIVIDER
#define CHIP_USART_ENR CHIP_REGISTER(0x40023844u) /* RCC_APB2ENR */
#define CHIP_USART_ENABLE (1u << 4)
#define CHIP_LINE_INTERRUPT 37u
#define CHIP_GPIO 0x40020000u /* GPIOA */
#define CHIP_GPIO_ENABLE (1u << 0)
#define CHIP_PIN_TX 9u
#define CHIP_PIN_RX 10u
#define CHIP_PIN_FUNCTION 7u

#endif
