/* SPDX-License-Identifier: Apache-2.0 */
/* For kernels whose sums stay in registers. */
#ifndef TE_UNROLLED_H
#define TE_UNROLLED_H

#include "kernels/kernel.h"

/* Before a loop of a constant and small number of rounds over an array that is meant to be registers: without
 * it, a compiler that optimises for size keeps the loop, and the array in memory. */
#ifdef __clang__
#define TE_UNROLLED _Pragma("clang loop unroll(full)")
#define TE_UNROLLED_BY_4 _Pragma("clang loop unroll_count(4)")
#define TE_UNROLLED_BY_8 _Pragma("clang loop unroll_count(8)")
#else
#define TE_UNROLLED _Pragma("GCC unroll 32")
#define TE_UNROLLED_BY_4 _Pragma("GCC unroll 4")
#define TE_UNROLLED_BY_8 _Pragma("GCC unroll 8")
#endif

/* Four rounds at a time, where speed counts. */
#ifdef __OPTIMIZE_SIZE__
#define TE_FOURFOLD TE_ROLLED
#else
#define TE_FOURFOLD TE_UNROLLED_BY_4
#endif

/* Computes a value here and not later: with fewer values at hand at a time, fewer registers are needed. */
#define TE_NOW(a) __asm__ volatile("" : "+r"(a))

/* The same of a value that stays what it is, such as one loaded: a core that waits for its loads does so less
 * where they come first. */
#define TE_SOON(a) __asm__ volatile("" : : "r"(a))

/* Finishes two sums before any later load: a compiler that sees all loads of an unrolled loop at once moves
 * them to its top, and then has too few registers. */
#define TE_FINISH(a, b) __asm__ volatile("" : "+r"(a), "+r"(b)::"memory")

#endif
