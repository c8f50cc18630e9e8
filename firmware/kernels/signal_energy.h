/* SPDX-License-Identifier: Apache-2.0 */
/* Energies of complex bins, as TFLM's SignalEnergy. */
#ifndef TE_SIGNAL_ENERGY_H
#define TE_SIGNAL_ENERGY_H

#include "kernels/kernel.h"

typedef struct te_signal_energy {
    int32_t bins;
    int32_t first, end; /* bins that are computed; the others are 0 here, and undefined there */
} te_signal_energy;

/* in [bins, 2], out [bins].
   Order: ascending, an element is read before it is written: `out` may be `in`, or lie below it. */
typedef void te_signal_energy_fn(const te_signal_energy *p, const int16_t *in, uint32_t *out);

#endif
