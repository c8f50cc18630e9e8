/* SPDX-License-Identifier: Apache-2.0 */
/* te_resize_bilinear for any width of element: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end, name_u8end or
 * name_s16end; TE_SHORTS(from, vl) loads some as 16 bits, TE_GATHER(from, at, vl) those that are so many bytes away, and
 * TE_STORE(to, step, v, vl) stores sums `step` elements apart; TE_MEAN is that of two rows; included once for each. */
#include "kernels/rvv/resize_bilinear.h"

/* A pixel of an output row between two of the input; lanes are its channels. */
static inline void TE_TYPED(te_resize_bilinear, _pixel)(const te_resize_bilinear *p, const TE_ELEMENT *upper,
                                                        const TE_ELEMENT *lower, int32_t down,
                                                        const int16_t *column, TE_ELEMENT *out) {
    const int32_t left = column[0] * p->channels, right = column[1] * p->channels;
    const int16_t across = column[2], rest = (int16_t)(1024 - across);
    size_t vl;
    TE_ROLLED
    for (int32_t c = 0; c < p->channels; c += (int32_t)vl) {
        vl = __riscv_vsetvl_e32m4((size_t)(p->channels - c));
        vint32m4_t above = __riscv_vwmul_vx_i32m4(TE_SHORTS(upper + left + c, vl), rest, vl);
        vint32m4_t below = __riscv_vwmul_vx_i32m4(TE_SHORTS(lower + left + c, vl), rest, vl);
        above = __riscv_vwmacc_vx_i32m4(above, across, TE_SHORTS(upper + right + c, vl), vl);
        below = __riscv_vwmacc_vx_i32m4(below, across, TE_SHORTS(lower + right + c, vl), vl);
        TE_STORE(out + c, 1, TE_MEAN(above, below, down, vl), vl);
    }
}

/* A row of outputs of one channel; lanes are its pixels. */
static inline void TE_TYPED(te_resize_bilinear, _row)(const te_resize_bilinear *p, const TE_ELEMENT *upper,
                                                      const TE_ELEMENT *lower, int32_t down,
                                                      const int16_t *column, TE_ELEMENT *out) {
    const ptrdiff_t apart = 3 * sizeof *column;
    const uint16_t pixel = (uint16_t)((uint32_t)p->channels * sizeof(TE_ELEMENT));
    size_t vl;
    TE_ROLLED
    for (int32_t x = 0; x < p->out_width; x += (int32_t)vl) {
        vl = __riscv_vsetvl_e32m4((size_t)(p->out_width - x));
        vuint16m2_t left = __riscv_vlse16_v_u16m2((const uint16_t *)column, apart, vl);
        vuint16m2_t right = __riscv_vlse16_v_u16m2((const uint16_t *)column + 1, apart, vl);
        const vint16m2_t across = __riscv_vlse16_v_i16m2(column + 2, apart, vl);
        const vint16m2_t rest = __riscv_vrsub_vx_i16m2(across, 1024, vl);
        left = __riscv_vmul_vx_u16m2(left, pixel, vl);
        right = __riscv_vmul_vx_u16m2(right, pixel, vl);
        vint32m4_t above = __riscv_vwmul_vv_i32m4(TE_GATHER(upper, left, vl), rest, vl);
        vint32m4_t below = __riscv_vwmul_vv_i32m4(TE_GATHER(lower, left, vl), rest, vl);
        above = __riscv_vwmacc_vv_i32m4(above, across, TE_GATHER(upper, right, vl), vl);
        below = __riscv_vwmacc_vv_i32m4(below, across, TE_GATHER(lower, right, vl), vl);
        TE_STORE(out, p->channels, TE_MEAN(above, below, down, vl), vl);
        column += 3 * vl;
        out += (int32_t)vl * p->channels;
    }
}

TE_KERNEL TE_TYPED(te_resize_bilinear, _fn) TE_TYPED(te_resize_bilinear, _rvv);

TE_KERNEL void TE_TYPED(te_resize_bilinear, _rvv)(const te_resize_bilinear *restrict p, const TE_ELEMENT *in,
                                                  const int16_t *rows, const int16_t *columns,
                                                  TE_ELEMENT *out) {
    const int32_t pitch = p->in_width * p->channels;
    /* Offsets in a row have 16 bits. */
    const int few = p->channels < TE_RESIZE_BILINEAR_RVV_FEW && (uint32_t)pitch * sizeof *in <= UINT16_MAX;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        TE_ROLLED
        for (int32_t y = 0; y < p->out_height; y++) {
            const TE_ELEMENT *upper = in + rows[3 * y] * pitch;
            const TE_ELEMENT *lower = in + rows[3 * y + 1] * pitch;
            const int32_t down = rows[3 * y + 2];
            TE_ROLLED
            for (int32_t c = 0; few && c < p->channels; c++)
                TE_TYPED(te_resize_bilinear, _row)(p, upper + c, lower + c, down, columns, out + c);
            TE_ROLLED
            for (int32_t x = 0; !few && x < p->out_width; x++)
                TE_TYPED(te_resize_bilinear, _pixel)
            (p, upper, lower, down, columns + 3 * x, out + x * p->channels);
            out += p->out_width * p->channels;
        }
        in += p->in_height * pitch;
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
#undef TE_SHORTS
#undef TE_GATHER
#undef TE_STORE
#undef TE_MEAN
