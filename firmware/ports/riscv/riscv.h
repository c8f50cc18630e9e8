/* SPDX-License-Identifier: Apache-2.0 */
/* What start-up, fault handler and hal of every RISC-V share. */
#ifndef RISCV_H
#define RISCV_H

#include <stdint.h>

#include "hal.h"
#include "ports/stack.h"

#define CHIP_REGISTER(address) (*(volatile uint32_t *)(address))
#define CHIP_BYTE(address) (*(volatile uint8_t *)(address))

/* A control and status register; its name is a word of the instruction. */
#define CHIP_READ_CSR(name, value) __asm__ volatile("csrr %0, " name : "=r"(value))
#define CHIP_WRITE_CSR(name, value) __asm__ volatile("csrw " name ", %0" ::"r"(value))

/* Comes out of reset: what the core needs before any C, then te_start(). */
void reset_handler(void);

/* Gives a C world, then te_main(). */
void te_start(void);

/* Where every exception leads. Interrupts are never taken: they only end a WFI. */
void te_fault_entry(void);

/* Prepares the line. */
void te_line_init(void);

/* Waits until all bytes that were given to hal_write() have left the chip. */
void te_line_drain(void);

#endif
