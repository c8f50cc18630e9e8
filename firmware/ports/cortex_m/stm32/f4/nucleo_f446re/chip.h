/* SPDX-License-Identifier: Apache-2.0 */
/* The STM32F446RE of a Nucleo-64: 8 MHz from the ST-LINK, and the UART that the ST-LINK shows as a port. */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"

/* RM0390 "RCC", DS10693 (STM32F446) "General operating conditions", and UM1724 (Nucleo-64) "OSC clock" */
#define CHIP_MOST_HZ 180000000u
#define CHIP_NORMAL_HZ 168000000u
#define CHIP_VOS (3u << 14)
#define CHIP_APB1_DIVIDER 4u
#define CHIP_APB2_DIVIDER 2u
#define CHIP_HSE_HZ 8000000u
#define CHIP_HSE_BYPASS 1
#define CHIP_PLL_INPUT_HZ 2000000u
#define CHIP_PREFETCH 1

/* USART2 on APB1, alternate function 7 of PA2 and PA3 (DS10693 "Alternate function"; UM1724 "USART
 * communication") */
#define CHIP_USART 0x40004400u
#define CHIP_USART_DIVIDER CHIP_APB1_DIVIDER
#define CHIP_USART_ENR CHIP_REGISTER(0x40023840u) /* RCC_APB1ENR */
#define CHIP_USART_ENABLE (1u << 17)
#define CHIP_LINE_INTERRUPT 38u
#define CHIP_GPIO 0x40020000u /* GPIOA */
#define CHIP_GPIO_ENABLE (1u << 0)
#define CHIP_PIN_TX 2u
#define CHIP_PIN_RX 3u
#define CHIP_PIN_FUNCTION 7u

#endif
