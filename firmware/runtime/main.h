/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TE_MAIN_H
#define TE_MAIN_H

/* The firmware after start-up: serves the line for ever. */
_Noreturn void te_main(void);

#endif
