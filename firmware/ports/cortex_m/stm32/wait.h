/* SPDX-License-Identifier: Apache-2.0 */
/* A wait for the hardware that has an end. */
#ifndef WAIT_H
#define WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* Waits until the bits `mask` of a register are `value`; false when they do not become so in 160,000 looks. A
 * look takes some ten cycles: 0.1 s in all at 16 MHz, where a crystal needs 2 ms and a PLL 0.3 ms (data
 * sheets, "External clock source characteristics" and "PLL characteristics"). */
bool wait_until(volatile uint32_t *what, uint32_t mask, uint32_t value);

#endif
