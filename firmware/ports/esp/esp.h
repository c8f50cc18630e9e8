/* SPDX-License-Identifier: Apache-2.0 */
/* What the line of every ESP32 with UART and USB-Serial-JTAG needs from its port. The port's chip.h, which comes
 * before this, defines ESP_USB, where that controller's registers are, and ESP_UART0 where they are elsewhere. */
#ifndef ESP_H
#define ESP_H

#include <stdint.h>

#define ESP_REGISTER(address) (*(volatile uint32_t *)(address))
#ifndef ESP_UART0
#define ESP_UART0 0x60000000u
#endif
#define ESP_CRYSTAL_HZ 40000000u

/* Prepares the line. */
void te_line_init(void);

/* Waits until all bytes that were given to hal_write() have left the chip. */
void te_line_drain(void);

/* Has UART0 divide the crystal's clock, whatever the CPU's is, by `divider`/16. */
void te_uart_divide(uint32_t divider);

/* The low half of the CPU's cycle counter. */
uint32_t te_cycles(void);

#endif
