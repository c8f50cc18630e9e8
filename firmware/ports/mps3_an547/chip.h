/* SPDX-License-Identifier: Apache-2.0 */
/* What start-up, fault handler and hal of this port share. */
#ifndef CHIP_H
#define CHIP_H

#include <stdint.h>

#include "hal.h"

/* Ends of the stack, from the linker script. */
extern uint8_t __stack_bottom[], __stack_top[];
#define CHIP_PAINT 0xA5C3A5C3u

#define CHIP_REGISTER(address) (*(volatile uint32_t *)(address))

/* Counts the wraps of SysTick. */
void te_systick(void);

#endif
