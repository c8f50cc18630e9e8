/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/sigmoid.h"

TE_KERNEL te_tanh_s16_fn te_tanh_s16_portable;

TE_KERNEL void te_tanh_s16_portable(const te_sigmoid *restrict p, const int16_t *in, const uint16_t *table,
                                    int16_t *out) {
    for (int32_t i = 0; i < p->size; i++) {
        const int32_t argument = te_sigmoid_argument(p, in[i]);
        const uint32_t size = argument < 0 ? 0 - (uint32_t)argument : (uint32_t)argument;
        /* Q8.24; past the table it is the largest Q0.16 number. */
        const uint32_t sigmoid = size >> 8 < 255 ? te_sigmoid_lookup(table, size, 8) : UINT32_C(0xffff) << 8;
        /* tanh(x) = 2 logistic(2x) - 1; the 1 less makes ties of negative arguments round down. */
        const int32_t half = (int32_t)sigmoid - (1 << 23);
        out[i] = (int16_t)(((argument < 0 ? -half - 1 : half) + (1 << 7)) >> 8);
    }
}
