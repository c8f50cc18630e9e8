/* SPDX-License-Identifier: Apache-2.0 */
/* The nRF52840 of Nordic's development kit PCA10056: the pins that its J-Link shows as a port. */
#ifndef CHIP_H
#define CHIP_H

#include "cortex_m.h"

#define CHIP_LINE_INTERRUPT 2u /* UARTE0_UART0 */
/* nRF52840 DK Hardware User Guide, "Virtual COM port" */
#define CHIP_PIN_TX 6u
#define CHIP_PIN_RX 8u

#endif
