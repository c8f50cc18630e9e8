/* SPDX-License-Identifier: Apache-2.0 */
/* What every kernel shares: how it is declared, and requantisation.

   A contract header (kernels/<operator>.h) gives the parameters and the function type that all kernels of an
   operator share; a kernel file declares itself to be of that type. The generated model includes the kernel
   files that it uses and sets TE_KERNEL: inlined into every layer, where shapes become constants (speed), or
   into a copy that several layers share, where what is equal in all of them does (size). Compiled alone, a
   kernel is an ordinary external function.

   Parameters are `restrict`: no store of an output changes them, so that a shared copy reads them once and not
   again behind every store (up to a sixth of its instructions). Outputs are not: they may lie over inputs. */
#ifndef TE_KERNEL_H
#define TE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/product.h"

#ifndef TE_KERNEL
#define TE_KERNEL
#endif

/* An export meets any compiler: what C leaves open and these kernels take for granted. */
_Static_assert(sizeof(int) >= 4, "these kernels need an int of 32 bits");
_Static_assert(UINT8_MAX == 255 && sizeof(int32_t) == 4, "these kernels need bytes of 8 bits");
_Static_assert((-1 & 3) == 3 && INT32_MIN == -INT32_MAX - 1, "these kernels need two's complement");
_Static_assert((-3 >> 1) == -2, "these kernels need shifts to the right that keep the sign");
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "these kernels and their weights need a little-endian core"
#endif

/* Before a loop that is faster as a vector loop than unrolled, whatever is known of its length. */
#ifdef __clang__
#define TE_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define TE_ROLLED
#endif

/* Declared here because freestanding compilers bring no <string.h> (C11 7.1.4 allows it). */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

static inline int32_t te_min(int32_t a, int32_t b) { return a < b ? a : b; }

static inline int32_t te_max(int32_t a, int32_t b) { return a > b ? a : b; }

/* The place `offset` elements from `from`, by way of a number: with padding it may lie outside the input, and
   is not read then, but C lets no pointer get there by addition (C11 6.5.6). */
static inline const int8_t *te_beside_s8(const int8_t *from, int32_t offset) {
    return (const int8_t *)((uintptr_t)from + (uintptr_t)(intptr_t)offset);
}

/* The i-th of 0 to count - 1, or the i-th from the end when `reverse`. */
static inline int32_t te_turn(int32_t i, int32_t count, int32_t reverse) {
    return reverse ? count - 1 - i : i;
}

/* a * b / 2^31, ties up: the saturating rounding doubling high multiply for b >= 0, where nothing saturates.
 */
static inline int32_t te_multiply_high(int32_t a, int32_t b) { return te_product_rounded(a, b); }

/* value / 2^exponent for 0 <= exponent <= 31, ties away from zero. */
static inline int32_t te_divide_by_power(int32_t value, int32_t exponent) {
    int32_t mask = (int32_t)((UINT32_C(1) << exponent) - 1);
    int32_t threshold = (mask >> 1) + (value < 0);
    return (value >> exponent) + ((value & mask) > threshold);
}

/* value * multiplier / 2^31 * 2^shift, rounded twice as TFLite does by default; value * 2^shift must fit. */
static inline int32_t te_requantize(int32_t value, int32_t multiplier, int32_t shift) {
    int32_t left = te_max(shift, 0);
    int32_t shifted = (int32_t)((uint32_t)value << left);
    return te_divide_by_power(te_multiply_high(shifted, multiplier), left - shift);
}

/* value * multiplier / 2^shift for 1 <= shift <= 62, rounded once, ties away from zero. */
static inline int32_t te_requantize_once(int32_t value, int32_t multiplier, int32_t shift) {
    int64_t half = INT64_C(1) << (shift - 1);
    return (int32_t)((te_product(value, multiplier) + half - (value < 0)) >> shift);
}

#endif
