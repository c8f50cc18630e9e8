/* SPDX-License-Identifier: Apache-2.0 */
/* Takes over from the RP2040's boot ROM, makes the flash readable in place, starts the firmware.
 *
 * The ROM copies the first 256 bytes of the flash into RAM and calls them, if their last word is the CRC-32
 * of the others (RP2040 Datasheet, 2.8.1: polynomial 0x04C11DB7, from all ones, nothing reflected, not
 * inverted). The XIP controller (4.10) then turns each read of flash that its cache misses into the command
 * 03h, which every serial flash knows: 8 clocks of command, 24 of address, 32 of data, each 4 cycles of the
 * CPU (31 MHz at 125, and flash can do 33 at least).
 *
 * All constants are words at the end, so that every assembler makes the same bytes and the checksum can stand
 * here; tests/host/test_boot_blocks.py holds it against them. */
#include "chip.h"

void te_boot2(void);

__attribute__((naked, noreturn, used, section(".boot"))) void te_boot2(void) {
    __asm__ volatile(
        "adr r0, 1f \n"
        "ldmia r0!, {r1-r6} \n"
        "movs r0, #0 \n"
        "str r0, [r1, #0x08] \n" /* SSIENR: off, so that the rest may change */
        "str r0, [r1, #0x04] \n" /* CTRLR1: one frame of data a read */
        "str r2, [r1, #0x00] \n" /* CTRLR0 */
        "str r4, [r3] \n"        /* SPI_CTRLR0 */
        "movs r0, #4 \n"
        "str r0, [r1, #0x14] \n" /* BAUDR: CPU clock / 4 */
        "movs r0, #1 \n"
        "str r0, [r1, #0x08] \n" /* SSIENR: on */
        "str r6, [r5] \n"        /* VTOR */
        "ldmia r6!, {r0, r1} \n"
        "msr msp, r0 \n"
        "bx r1 \n"
        ".balign 4, 0 \n"
        "1: \n"
        ".word 0x18000000 \n" /* XIP_SSI */
        ".word 0x001F0300 \n" /* CTRLR0: frames of 32 bits, command and address out, then data in */
        ".word 0x180000F4 \n" /* SPI_CTRLR0's address */
        ".word 0x03000218 \n" /* SPI_CTRLR0: command 03h of 8 bits, address of 24, on one line */
        ".word 0xE000ED08 \n" /* VTOR's address */
        ".word 0x10000100 \n" /* the vectors, behind these 256 bytes */
        ".org 252, 0 \n"
        ".word 0xFE4B6BBD \n"); /* the checksum */
}
