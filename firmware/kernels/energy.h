/* SPDX-License-Identifier: Apache-2.0 */
/* Energies of complex bins of 32 bits. */
#ifndef TE_ENERGY_H
#define TE_ENERGY_H

#include "kernels/fourier.h"
#include "kernels/root.h"

static inline uint64_t te_energy(te_point z) {
    return (uint64_t)te_product(z.re, z.re) + (uint64_t)te_product(z.im, z.im);
}

/* The square root to the nearest, but never beyond an int32. */
static inline int32_t te_energy_root(uint64_t energy) {
    const uint32_t root = te_root(&energy);
    return root >= INT32_MAX ? INT32_MAX : (int32_t)(root + (energy > root));
}

#endif
