/* SPDX-License-Identifier: Apache-2.0 */
/* The STM32N657X0 of ST's discovery kit: the UART that its ST-LINK shows as a port. */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"

/* USART1 on APB2, alternate function 7 of PE5 and PE6 (UM3300, "Virtual COM port") */
#define CHIP_USART 0x52001000u
#define CHIP_USART_ENABLE (1u << 4)
#define CHIP_LINE_INTERRUPT 159u
#define CHIP_GPIO 0x56021000u /* GPIOE */
#define CHIP_GPIO_ENABLE (1u << 4)
#define CHIP_PIN_TX 5u
#define CHIP_PIN_RX 6u
#define CHIP_PIN_FUNCTION 7u

#endif
