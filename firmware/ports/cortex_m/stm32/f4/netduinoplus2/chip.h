/* SPDX-License-Identifier: Apache-2.0 */
/* The STM32F405RG of a Netduino Plus 2: its crystal, and the UART on the header's D0 (RX) and D1 (TX). */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"

/* RM0090 "RCC", and DS8626 (STM32F405) "General operating conditions" */
#define CHIP_MOST_HZ 168000000u
#define CHIP_NORMAL_HZ 168000000u /* there is no over-drive */
#define CHIP_VOS (1u << 14)
#define CHIP_APB1_DIVIDER 4u
#define CHIP_APB2_DIVIDER 2u
#define CHIP_HSE_HZ 25000000u
#define CHIP_HSE_BYPASS 0
#define CHIP_PLL_INPUT_HZ 1000000u
#define CHIP_PREFETCH 0 /* revision A has none that works (ES0182, "ART Accelerator prefetch queue") */

/* USART6 on APB2, alternate function 8 of PC6 and PC7 (DS8626 "Alternate function mapping") */
#define CHIP_USART 0x40011400u
#define CHIP_USART_DIVIDER CHIP_APB2_DIVIDER
#define CHIP_USART_ENR CHIP_REGISTER(0x40023844u) /* RCC_APB2ENR */
#define CHIP_USART_ENABLE (1u << 5)
#define CHIP_LINE_INTERRUPT 71u
#define CHIP_GPIO 0x40020800u /* GPIOC */
#define CHIP_GPIO_ENABLE (1u << 2)
#define CHIP_PIN_TX 6u
#define CHIP_PIN_RX 7u
#define CHIP_PIN_FUNCTION 8u

#endif
