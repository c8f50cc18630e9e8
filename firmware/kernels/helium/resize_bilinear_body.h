/* SPDX-License-Identifier: Apache-2.0 */
/* te_resize_bilinear for any width of element, four channels at a time: TE_ELEMENT is its type, TE_TYPED(name, end) is
 * name_s8end, name_u8end or name_s16end, TE_LOAD(from, lanes) and TE_STORE(to, v, lanes) are those of four elements and
 * TE_MEAN is that of two rows; included once for each. */
#include "kernels/helium/resize_bilinear.h"

/* The mean of two pixels of a row, times 2^10. */
static inline int32x4_t TE_TYPED(te_resize_bilinear, _across)(const TE_ELEMENT *left, const TE_ELEMENT *right,
                                                              int32_t across, mve_pred16_t lanes) {
    return vmlaq_n_s32(vmulq_n_s32(TE_LOAD(left, lanes), 1024 - across), TE_LOAD(right, lanes), across);
}

TE_KERNEL TE_TYPED(te_resize_bilinear, _fn) TE_TYPED(te_resize_bilinear, _helium);

TE_KERNEL void TE_TYPED(te_resize_bilinear, _helium)(const te_resize_bilinear *restrict p,
                                                     const TE_ELEMENT *in, const int16_t *rows,
                                                     const int16_t *columns, TE_ELEMENT *out) {
    const int32_t pitch = p->in_width * p->channels;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        TE_ROLLED
        for (int32_t y = 0; y < p->out_height; y++) {
            const TE_ELEMENT *upper = in + rows[3 * y] * pitch;
            const TE_ELEMENT *lower = in + rows[3 * y + 1] * pitch;
            const int32_t down = rows[3 * y + 2];
            TE_ROLLED
            for (int32_t x = 0; x < p->out_width; x++) {
                const int32_t left = columns[3 * x] * p->channels, right = columns[3 * x + 1] * p->channels;
                const int32_t across = columns[3 * x + 2];
                for (int32_t c = 0; c < p->channels; c += 4) {
                    const mve_pred16_t lanes =
                        vctp32q(p->channels % 4 == 0 ? 4 : (uint32_t)(p->channels - c));
                    const int32x4_t above = TE_TYPED(te_resize_bilinear, _across)(
                        upper + left + c, upper + right + c, across, lanes);
                    const int32x4_t below = TE_TYPED(te_resize_bilinear, _across)(
                        lower + left + c, lower + right + c, across, lanes);
                    TE_STORE(out + c, TE_MEAN(above, below, down), lanes);
                }
                out += p->channels;
            }
        }
        in += p->in_height * pitch;
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
#undef TE_LOAD
#undef TE_STORE
#undef TE_MEAN
