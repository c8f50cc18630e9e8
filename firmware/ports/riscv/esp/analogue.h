/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANALOGUE_H
#define ANALOGUE_H

#include <stdint.h>

/* Sets the bits of `mask` in register `number` of the PLL, over the bus whose orders go to address `bus`;
 * `order` are the bits of every order to it. */
void te_pll_write(uint32_t bus, uint32_t order, uint32_t number, uint32_t mask, uint32_t value);

#endif
