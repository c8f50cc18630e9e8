/* SPDX-License-Identifier: Apache-2.0 */
/* te_top_k for any type of element: TE_ELEMENT is it, TE_TOP_K the kernel's name; included once for each. */
#include "kernels/top_k.h"

TE_KERNEL te_top_k_fn TE_TOP_K;

TE_KERNEL void TE_TOP_K(const te_top_k *p, const void *in, void *values, int32_t *places) {
    const TE_ELEMENT *source = in;
    TE_ELEMENT *best = values;
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t found = 0;
        for (int32_t i = 0; i < p->depth; i++) {
            /* Sorted in from behind; what falls off the end is forgotten. */
            int32_t at = found < p->count ? found++ : p->count;
            for (; at > 0 && source[i] > best[at - 1]; at--) {
                if (at < p->count) {
                    best[at] = best[at - 1];
                    places[at] = places[at - 1];
                }
            }
            if (at < p->count) {
                best[at] = source[i];
                places[at] = i;
            }
        }
        source += p->depth;
        best += p->count;
        places += p->count;
    }
}

#undef TE_ELEMENT
#undef TE_TOP_K
