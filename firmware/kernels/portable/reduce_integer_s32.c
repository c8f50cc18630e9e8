/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/reduce_integer.h"

TE_KERNEL te_reduce_integer_fn te_reduce_integer_s32_portable;

TE_KERNEL void te_reduce_integer_s32_portable(const te_reduce_integer *restrict p, const int32_t *in,
                                              int32_t *out) {
    const int32_t row = p->size[4];
    const int32_t plane = p->size[2] * p->size[3] * row;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[2]; j++) {
            for (int32_t c = 0; c < row; c++) {
                const int32_t *first = in + j * p->size[3] * row + c;
                uint32_t total = p->product ? 1 : 0;
                for (int32_t k = 0; k < p->size[1]; k++) {
                    for (int32_t l = 0; l < p->size[3]; l++) {
                        const uint32_t value = (uint32_t)first[k * plane + l * row];
                        total = p->product ? total * value : total + value;
                    }
                }
                *out++ = (int32_t)total;
            }
        }
        in += p->size[1] * plane;
    }
}
