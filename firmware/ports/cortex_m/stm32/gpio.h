/* SPDX-License-Identifier: Apache-2.0 */
/* The pins of an STM32 (RM0390, RM0486, chapter "General-purpose I/Os"): all but the F1 have these registers.
 */
#ifndef GPIO_H
#define GPIO_H

#include "cortex_m.h"

#define GPIO_MODER(port) CHIP_REGISTER((port) + 0x00u)
#define GPIO_PUPDR(port) CHIP_REGISTER((port) + 0x0Cu)
#define GPIO_AFR(port, pin) CHIP_REGISTER((port) + 0x20u + 4u * ((pin) / 8u)) /* eight pins a register */
#define MODER_OUTPUT 1u
#define MODER_ALTERNATE 2u
#define PUPDR_UP 1u

/* Gives a pin to a peripheral, and pulls it up: a line that nobody drives is idle. */
static inline void gpio_alternate(uint32_t port, uint32_t pin, uint32_t function) {
    const uint32_t shift = 4u * (pin % 8u);
    GPIO_PUPDR(port) = (GPIO_PUPDR(port) & ~(3u << 2u * pin)) | PUPDR_UP << 2u * pin;
    GPIO_AFR(port, pin) = (GPIO_AFR(port, pin) & ~(15u << shift)) | function << shift;
    GPIO_MODER(port) = (GPIO_MODER(port) & ~(3u << 2u * pin)) | MODER_ALTERNATE << 2u * pin;
}

/* Makes a pin an output, which is low after a reset. */
static inline void gpio_output(uint32_t port, uint32_t pin) {
    GPIO_MODER(port) = (GPIO_MODER(port) & ~(3u << 2u * pin)) | MODER_OUTPUT << 2u * pin;
}

#endif
