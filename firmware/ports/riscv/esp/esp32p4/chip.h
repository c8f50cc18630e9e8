/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHIP_H
#define CHIP_H

#define ESP_UART0 0x500CA000u
#define ESP_USB 0x500D2000u /* USB-Serial-JTAG */
#define ESP_PLL 0x67u       /* the CPU's, on the bus to the analogue registers */
#define ESP_COUNT "mcycle"  /* it counts from reset on */

#endif
