/* SPDX-License-Identifier: Apache-2.0 */
/* te_arg_extremum for any type of element: TE_ELEMENT is it, TE_ARG_EXTREMUM the kernel's name; included once
 * for each. */
#include "kernels/arg_extremum.h"

TE_KERNEL te_arg_extremum_fn TE_ARG_EXTREMUM;

TE_KERNEL void TE_ARG_EXTREMUM(const te_arg_extremum *p, const void *in, void *out) {
    const TE_ELEMENT *source = in;
    int32_t *target = out;
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t j = 0; j < p->inner; j++) {
            TE_ELEMENT found = source[j];
            int32_t at = 0;
            for (int32_t k = 1; k < p->count; k++) {
                const TE_ELEMENT value = source[k * p->inner + j];
                if (p->largest ? value > found : value < found) {
                    found = value;
                    at = k;
                }
            }
            *target++ = at;
            for (int32_t word = 1; word < p->words; word++)
                *target++ = 0;
        }
        source += p->count * p->inner;
    }
}

#undef TE_ELEMENT
#undef TE_ARG_EXTREMUM
