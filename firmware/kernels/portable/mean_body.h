/* SPDX-License-Identifier: Apache-2.0 */
/* te_mean for any width of element: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or name_s16end;
 * included once for each. */
#include "kernels/mean.h"

enum { TE_TYPED(TE_MEAN, _BLOCK) = 32 };

TE_KERNEL TE_TYPED(te_mean, _fn) TE_TYPED(te_mean, _portable);

TE_KERNEL void TE_TYPED(te_mean, _portable)(const te_mean *p, const TE_ELEMENT *in, TE_ELEMENT *out) {
    const int32_t row = p->size[4];
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[2]; j++) {
            for (int32_t first = 0; first < row; first += TE_TYPED(TE_MEAN, _BLOCK)) {
                const int32_t count = te_min(row - first, TE_TYPED(TE_MEAN, _BLOCK));
                int32_t sums[TE_TYPED(TE_MEAN, _BLOCK)];
                for (int32_t c = 0; c < count; c++)
                    sums[c] = p->start;
                for (int32_t k = 0; k < p->size[1]; k++) {
                    const TE_ELEMENT *source = in + (k * p->size[2] + j) * p->size[3] * row + first;
                    /* With a row of one element it is the summed elements that lie side by side. */
                    if (row == 1) {
                        for (int32_t l = 0; l < p->size[3]; l++)
                            sums[0] += source[l];
                        continue;
                    }
                    for (int32_t l = 0; l < p->size[3]; l++)
                        for (int32_t c = 0; c < count; c++)
                            sums[c] += source[l * row + c];
                }
                for (int32_t c = 0; c < count; c++) {
                    const int32_t scaled =
                        te_requantize(sums[c], p->multiplier, p->shift) + p->out_zero_point;
                    *out++ = (TE_ELEMENT)te_clamp(scaled, p->out_min, p->out_max);
                }
            }
        }
        in += p->size[1] * p->size[2] * p->size[3] * row;
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
