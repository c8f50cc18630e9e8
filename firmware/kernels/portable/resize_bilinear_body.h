/* SPDX-License-Identifier: Apache-2.0 */
/* te_resize_bilinear for any width of element: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end,
 * name_u8end or name_s16end, TE_SUM holds an element times 2^20, TE_TIMES(a, b) is a product of that type; included once
 * for each. */
#include "kernels/resize_bilinear.h"

TE_KERNEL TE_TYPED(te_resize_bilinear, _fn) TE_TYPED(te_resize_bilinear, _portable);

TE_KERNEL void TE_TYPED(te_resize_bilinear, _portable)(const te_resize_bilinear *p, const TE_ELEMENT *in,
                                                       const int16_t *rows, const int16_t *columns,
                                                       TE_ELEMENT *out) {
    const int32_t pitch = p->in_width * p->channels;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->out_height; y++) {
            const TE_ELEMENT *upper = in + rows[3 * y] * pitch;
            const TE_ELEMENT *lower = in + rows[3 * y + 1] * pitch;
            const int32_t down = rows[3 * y + 2];
            for (int32_t x = 0; x < p->out_width; x++) {
                const int32_t left = columns[3 * x] * p->channels;
                const int32_t right = columns[3 * x + 1] * p->channels;
                const int32_t across = columns[3 * x + 2];
                for (int32_t c = 0; c < p->channels; c++) {
                    const int32_t above = upper[left + c] * (1024 - across) + upper[right + c] * across;
                    const int32_t below = lower[left + c] * (1024 - across) + lower[right + c] * across;
                    const TE_SUM sum = TE_TIMES(above, 1024 - down) + TE_TIMES(below, down);
                    const TE_SUM half = 1 << 19;
                    *out++ = (TE_ELEMENT)((sum + half - (sum < 0)) >> 20);
                }
            }
        }
        in += p->in_height * pitch;
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
#undef TE_SUM
#undef TE_TIMES
