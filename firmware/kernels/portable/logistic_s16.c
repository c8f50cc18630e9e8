/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/sigmoid.h"

TE_KERNEL te_logistic_s16_fn te_logistic_s16_portable;

TE_KERNEL void te_logistic_s16_portable(const te_sigmoid *restrict p, const int16_t *in,
                                        const uint16_t *table, int16_t *out) {
    for (int32_t i = 0; i < p->size; i++) {
        const int32_t argument = te_sigmoid_argument(p, in[i]);
        const uint32_t size = argument < 0 ? 0 - (uint32_t)argument : (uint32_t)argument;
        /* Q7.25; past the table it is the largest Q0.15 number. */
        uint32_t result = size >> 9 < 255 ? te_sigmoid_lookup(table, size, 9) : UINT32_C(0x7fff) << 10;
        /* logistic(-x) = 1 - logistic(x); the 1 less makes ties of negative arguments round down. */
        if (argument < 0)
            result = (UINT32_C(1) << 25) - result - 1;
        out[i] = (int16_t)((result + (1 << 9)) >> 10);
    }
}
