/* SPDX-License-Identifier: Apache-2.0 */
/* Where Arm's AN547 image for the MPS3 board has what the ports of this family share. */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"

#define CHIP_UART 0x49303000u /* UART0 */
#define CHIP_UART_RX 33u

#endif
