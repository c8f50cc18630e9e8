/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-point arithmetic of the protocol's numbers: its floats, without an FPU or a library of one. */
#ifndef TE_NUMBER_H
#define TE_NUMBER_H

#include "mlperf.h"

/* value / 2^shift, rounded, halves away from zero; a negative shift multiplies. */
int64_t te_shifted(int64_t value, int32_t shift);

/* An IEEE 754 single times `ratio`, rounded; +-2^31 at most, which infinities and NaN become too. */
int32_t te_scaled_float(uint32_t bits, struct te_ratio ratio);

/* dividend / divisor, rounded down; where 64-bit division is a function of a library that is not there. */
uint64_t te_quotient(uint64_t dividend, uint32_t divisor);

#endif
