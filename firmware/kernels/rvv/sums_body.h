/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of convolutions over inputs of any type: TE_INPUT is it, TE_SUMS and TE_SUMS_FEW are the functions' names;
 * included once for each. */
/* Sums of `vl` channels over `taps` at three pixels, whose inputs are at `x` and every `pitch`; begun with what is at
   `start` and every `next` words. */
static inline __attribute__((always_inline)) void TE_SUMS(const TE_INPUT *x, int32_t pitch, const int8_t *w,
                                                          int32_t step, int32_t taps, size_t vl,
                                                          const int32_t *start, int32_t next, int32_t *sums) {
    vint32m8_t s0 = __riscv_vle32_v_i32m8(start, vl);
    vint32m8_t s1 = __riscv_vle32_v_i32m8(start + next, vl);
    vint32m8_t s2 = __riscv_vle32_v_i32m8(start + 2 * next, vl);
    TE_TAPS
    for (int32_t i = 0; i < taps; i++) {
        TE_FORGET(w);
        const vint16m4_t weights = __riscv_vsext_vf2_i16m4(__riscv_vle8_v_i8m2(w, vl), vl);
        s0 = __riscv_vwmacc_vx_i32m8(s0, x[0], weights, vl);
        s1 = __riscv_vwmacc_vx_i32m8(s1, x[pitch], weights, vl);
        s2 = __riscv_vwmacc_vx_i32m8(s2, x[2 * pitch], weights, vl);
        x++;
        w += step;
    }
    __riscv_vse32_v_i32m8(sums, s0, vl);
    __riscv_vse32_v_i32m8(sums + TE_RVV_BLOCK, s1, vl);
    __riscv_vse32_v_i32m8(sums + 2 * TE_RVV_BLOCK, s2, vl);
}

/* The same of up to 16 channels at `pixels` pixels, 6 or 4. */
static inline __attribute__((always_inline)) void TE_SUMS_FEW(int32_t pixels, const TE_INPUT *x,
                                                              int32_t pitch, const int8_t *w, int32_t step,
                                                              int32_t taps, size_t vl, const int32_t *start,
                                                              int32_t next, int32_t *sums) {
    vint32m4_t s0 = __riscv_vle32_v_i32m4(start, vl);
    vint32m4_t s1 = __riscv_vle32_v_i32m4(start + next, vl);
    vint32m4_t s2 = __riscv_vle32_v_i32m4(start + 2 * next, vl);
    vint32m4_t s3 = __riscv_vle32_v_i32m4(start + 3 * next, vl);
    vint32m4_t s4 = s3, s5 = s3;
    if (pixels > 4) {
        s4 = __riscv_vle32_v_i32m4(start + 4 * next, vl);
        s5 = __riscv_vle32_v_i32m4(start + 5 * next, vl);
    }
    TE_TAPS
    for (int32_t i = 0; i < taps; i++) {
        TE_FORGET(w);
        const vint16m2_t weights = __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1(w, vl), vl);
        s0 = __riscv_vwmacc_vx_i32m4(s0, x[0], weights, vl);
        s1 = __riscv_vwmacc_vx_i32m4(s1, x[pitch], weights, vl);
        s2 = __riscv_vwmacc_vx_i32m4(s2, x[2 * pitch], weights, vl);
        s3 = __riscv_vwmacc_vx_i32m4(s3, x[3 * pitch], weights, vl);
        if (pixels > 4) {
            s4 = __riscv_vwmacc_vx_i32m4(s4, x[4 * pitch], weights, vl);
            s5 = __riscv_vwmacc_vx_i32m4(s5, x[5 * pitch], weights, vl);
        }
        x++;
        w += step;
    }
    __riscv_vse32_v_i32m4(sums, s0, vl);
    __riscv_vse32_v_i32m4(sums + TE_CONV_2D_RVV_FEW, s1, vl);
    __riscv_vse32_v_i32m4(sums + 2 * TE_CONV_2D_RVV_FEW, s2, vl);
    __riscv_vse32_v_i32m4(sums + 3 * TE_CONV_2D_RVV_FEW, s3, vl);
    if (pixels > 4) {
        __riscv_vse32_v_i32m4(sums + 4 * TE_CONV_2D_RVV_FEW, s4, vl);
        __riscv_vse32_v_i32m4(sums + 5 * TE_CONV_2D_RVV_FEW, s5, vl);
    }
}

#undef TE_INPUT
#undef TE_SUMS
#undef TE_SUMS_FEW
