/* SPDX-License-Identifier: Apache-2.0 */
/* Where Arm's AN505 image for the MPS2 board has what the ports of this family share. */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"

#define CHIP_UART 0x50200000u /* UART0, its Secure alias */
#define CHIP_UART_RX 32u

#endif
