/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/concatenation.h"

/* One operand, whose rows lie `stride` bytes apart in out. */
static inline void te_concatenation_place(int32_t rows, int32_t bytes, const void *in, int32_t stride,
                                          uint8_t *out) {
    const uint8_t *source = in;
    for (int32_t row = 0; row < rows && bytes > 0; row++)
        memcpy(out + row * stride, source + row * bytes, (size_t)bytes);
}

TE_KERNEL te_concatenation_fn te_concatenation_portable;

TE_KERNEL void te_concatenation_portable(const te_concatenation *p, const void *in0, const void *in1,
                                         const void *in2, const void *in3, const void *in4, const void *in5,
                                         const void *in6, const void *in7, void *out) {
    const void *const operands[8] = {in0, in1, in2, in3, in4, in5, in6, in7};
    uint8_t *target = out;
    int32_t stride = 0;
    for (int32_t i = 0; i < 8; i++)
        stride += p->bytes[i];
    for (int32_t i = 0; i < 8; i++) {
        te_concatenation_place(p->rows, p->bytes[i], operands[i], stride, target);
        target += p->bytes[i];
    }
}
