/* SPDX-License-Identifier: Apache-2.0 */
/* The processor state (PS) that our code runs in; for assembly, too. */
#ifndef PROCESSOR_H
#define PROCESSOR_H

/* No interrupt below the debugger's level (INTLEVEL = 5), user mode (UM, bit 5), no register windows (WOE,
 * bit 18). */
#define PS_CALL0 0x25
#define PS_WINDOWED 0x40025

#endif
