/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a UART of Arm's Cortex-M System Design Kit for the line: the FPGA images of the MPS2 and MPS3 boards
 * have it. chip.h gives its address and the number of its receive interrupt. */
#include "chip.h"

/* Arm CMSDK APB UART */
#define UART_DATA CHIP_REGISTER(CHIP_UART + 0x0)
#define UART_STATE CHIP_REGISTER(CHIP_UART + 0x4)
#define UART_CTRL CHIP_REGISTER(CHIP_UART + 0x8)
#define UART_INTCLEAR CHIP_REGISTER(CHIP_UART + 0xC)
#define UART_BAUDDIV CHIP_REGISTER(CHIP_UART + 0x10)
#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u
#define CTRL_TX_RX 3u
#define CTRL_RX_INTERRUPT 8u
#define INTERRUPT_RX 2u
#define BAUDDIV_LEAST 16u /* the fastest: clock / 16 */

/* Arm v7-M and v8-M interrupt controller: the registers of 32 interrupts each */
#define NVIC_ISER CHIP_REGISTER(0xE000E100u + 4u * (CHIP_UART_RX / 32u))
#define NVIC_ICER CHIP_REGISTER(0xE000E180u + 4u * (CHIP_UART_RX / 32u))
#define NVIC_ICPR CHIP_REGISTER(0xE000E280u + 4u * (CHIP_UART_RX / 32u))
#define NVIC_UART_RX (1u << CHIP_UART_RX % 32u)

void te_line_init(void) {
    UART_BAUDDIV = BAUDDIV_LEAST;
    UART_CTRL = CTRL_TX_RX | CTRL_RX_INTERRUPT;
}

/* Sleeps until a byte arrives or SysTick wraps: a core that polls keeps QEMU from delivering the byte. The
 * UART's interrupt only wakes; it is never taken, since it is enabled only while PRIMASK holds interrupts
 * back. That also closes the gap between looking for a byte and falling asleep. */
static void sleep(void) {
    __asm__ volatile("cpsid i" ::: "memory");
    UART_INTCLEAR = INTERRUPT_RX;
    NVIC_ICPR = NVIC_UART_RX;
    NVIC_ISER = NVIC_UART_RX;
    if ((UART_STATE & STATE_RX_FULL) == 0) {
        __asm__ volatile("dsb \n wfi" ::: "memory");
    }
    NVIC_ICER = NVIC_UART_RX;
    __asm__ volatile("dsb \n isb \n cpsie i" ::: "memory");
}

size_t hal_read(uint8_t *buffer, size_t size) {
    size_t count = 0;
    while (count < size && (UART_STATE & STATE_RX_FULL) != 0) {
        buffer[count++] = (uint8_t)UART_DATA;
    }
    if (count == 0) {
        sleep();
    }
    return count;
}

/* The byte on the wire cannot be seen; QEMU, the only place where this runs, has sent it by then. */
void te_line_drain(void) {
    while ((UART_STATE & STATE_TX_FULL) != 0) {
    }
}

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((UART_STATE & STATE_TX_FULL) != 0) {
        }
        UART_DATA = data[i];
    }
}
