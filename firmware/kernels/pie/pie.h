/* SPDX-License-Identifier: Apache-2.0 */
/* The ESP32-S3's vector instructions (its technical reference manual, chapter "Processor Instruction
   Extensions") as macros, with two meanings: the instructions' bytes (encoding.h), and with TE_PIE_MODEL what
   they do (model.h), so that a kernel runs on any machine under its sanitizers.

   Registers: Q0 to Q7 of 16 bytes; ACCX of 40 bits; QACC, 16 lanes of 20 bits, of which QACC_L has the first
   eight and QACC_H the others; SAR_BYTE, the place within 16 bytes of the last address that LD.128.USAR had.
   C knows nothing of them: numbers of registers and steps are written out, and a function that leaves
   something in them is called by one of these kernels alone. Addresses are rounded down to a multiple of what is loaded or stored.

   `s` is a te_pie *, which only the model looks at. A load goes unseen by the compiler: TE_PIE_FENCE() stands
   between what C writes and what a vector load reads. */
#ifndef TE_PIE_H
#define TE_PIE_H

#include "kernels/kernel.h"
#include "kernels/unrolled.h"

#ifdef TE_PIE_MODEL
#include "kernels/pie/model.h"
#else
#include "kernels/pie/encoding.h"
#endif

enum { TE_PIE_VECTOR = 16 };

/* Where code is to be small, a function is there once if it is called more often, and a loop stays one. */
#ifdef __OPTIMIZE_SIZE__
#define TE_PIE_SHARED static
#define TE_PIE_UNROLLED
enum { TE_PIE_SMALL = 1 };
#else
#define TE_PIE_SHARED TE_PIE_INLINE
#define TE_PIE_UNROLLED TE_UNROLLED
enum { TE_PIE_SMALL = 0 };
#endif

#endif
