/* SPDX-License-Identifier: Apache-2.0 */
/* What a port fills: bytes in and out, time, reset and what only the chip knows of its memory.
 *
 * A port is a folder firmware/ports/<port>/ with these functions, the start-up code that calls te_main(), and
 * a header hal_port.h that defines:
 *
 * - HAL_TICKS_HZ, the frequency of hal_ticks() in Hz: a constant, or a variable that hal_init() sets
 * - HAL_TICK_UNIT, what a tick stands for: HAL_UNIT_NS, HAL_UNIT_CYCLES or HAL_UNIT_INSTRUCTIONS
 * - HAL_FREESTANDING, 1 when there is no C library below; the runtime then brings memcpy and its kin
 * - HAL_RX_CREDIT, the bytes that the line and the port keep safe while the CPU computes; 0 when they keep
 *   none, and the host then sends one frame at a time
 * - HAL_MARK_BEGIN() and HAL_MARK_END(), where a pin tells a probe when a model runs (ports/marker.h)
 * - HAL_TICKS_WRAP, where hal_ticks() counts the wraps of a narrow counter: it is then called after each
 *   layer
 */
#ifndef TE_HAL_H
#define TE_HAL_H

#include <stddef.h>
#include <stdint.h>

#define HAL_UNIT_NS 0u     /* wall time; 1e9 / HAL_TICKS_HZ ns in a tick */
#define HAL_UNIT_CYCLES 1u /* one CPU cycle in a tick */
/* An emulator's virtual time, 1 ns an instruction: 1e9 / HAL_TICKS_HZ in a tick. */
#define HAL_UNIT_INSTRUCTIONS 2u

#include "hal_port.h"

#ifndef HAL_MARK_BEGIN
#define HAL_MARK_BEGIN() ((void)0)
#define HAL_MARK_END() ((void)0)
#endif

#define HAL_UNKNOWN 0xFFFFFFFFu

/* Sizes in bytes; HAL_UNKNOWN where the port cannot know. */
struct hal_memory {
    uint32_t stack_size;
    uint32_t stack_used;  /* the deepest since start-up */
    uint32_t static_size; /* .data + .bss, the arena among them */
};

/* Why the chip stopped, in words that outlive a reset. */
struct hal_fault {
    uint32_t magic;   /* HAL_FAULT_MAGIC when the rest is valid */
    uint32_t pc;      /* address of the instruction, 0 when unknown */
    uint32_t lr;      /* return address there, 0 when unknown */
    uint32_t status;  /* the chip's cause register (Arm: CFSR) */
    uint32_t address; /* what it touched, 0 when unknown */
    uint32_t layer;   /* layer that was running, TE_NO_LAYER when none was */
};
#define HAL_FAULT_MAGIC 0x54454654u /* "TEFT" */

/* Prepares clock, line and ticks; called once, first. */
void hal_init(void);

/* Takes at most `size` bytes that have arrived; returns how many, 0 when there are none. It may wait a few
 * milliseconds for the first one, never longer. */
size_t hal_read(uint8_t *buffer, size_t size);

/* Sends all `size` bytes, at the latest when hal_read() or hal_reset() is called next. */
void hal_write(const uint8_t *data, size_t size);

/* Ticks since hal_init(), never going back. */
uint64_t hal_ticks(void);

void hal_memory(struct hal_memory *memory);

/* The fault record, in memory that start-up leaves alone; a null pointer where the port has none. */
struct hal_fault *hal_fault(void);

/* Starts the firmware anew; does not return. */
_Noreturn void hal_reset(void);

#endif
