/* SPDX-License-Identifier: Apache-2.0 */
/* What Helium kernels share: requantisation of four channels at once, and short copies. */
#ifndef TE_HELIUM_VECTOR_H
#define TE_HELIUM_VECTOR_H

#include <arm_mve.h>

#include "kernels/kernel.h"

/* Keeps loads where they are. A compiler else sees that every channel reads the same inputs, loads all of
   them into vector registers before the loop over channels and, short of those, spills them to the stack. */
#define TE_BARRIER() __asm__ volatile("" ::: "memory")

/* Makes a compiler forget how a pointer came about, so that it steps one pointer instead of keeping many. */
#define TE_FORGET(pointer) __asm__ volatile("" : "+r"(pointer))

/* Keeps what is no sum out of the registers with even numbers: only these can hold sums, and there are eight.
 */
#ifdef __clang__
#define TE_ODD(value) __asm__ volatile("" : "+To"(value))
#else
#define TE_ODD(value) __asm__ volatile("" : "+r"(value))
#endif

/* Before a loop that is worth repeating its body twice, where speed counts. */
#if defined(__clang__) && !defined(__OPTIMIZE_SIZE__)
#define TE_TWICE _Pragma("clang loop unroll_count(2)")
#else
#define TE_TWICE TE_ROLLED
#endif

/* Before a predicated store to what is partly stored already: GCC 12 (seen at -O3, gone with -fno-dse) takes
   it for a store of all lanes, and drops the one before. */
#ifdef __clang__
#define TE_KEEP_STORED() (void)0
#else
#define TE_KEEP_STORED() TE_BARRIER()
#endif

/* Four values of which `lanes` says which there are; `whole` (a constant, else it costs) that all are. */
static inline int32x4_t te_load_s32(const int32_t *from, int whole, mve_pred16_t lanes) {
    return whole ? vldrwq_s32(from) : vldrwq_z_s32(from, lanes);
}

static inline int32x4_t te_load_s8_s32(const int8_t *from, int whole, mve_pred16_t lanes) {
    return whole ? vldrbq_s32(from) : vldrbq_z_s32(from, lanes);
}

/* Multipliers and shifts of four channels. */
typedef struct te_scales {
    int32x4_t multiplier, shift;
} te_scales;

/* When `fitted`, the four lowest bits of a multiplier are 16 less its shift to the right, and it counts with
   them (tinyedge/plan/layout/helium_words.py). */
static inline te_scales te_load_scales(const int32_t *multiplier, const int8_t *shift, int32_t channel_step,
                                       int32_t first, int fitted, int whole, mve_pred16_t lanes) {
    te_scales scales;
    if (channel_step == 0) {
        scales.multiplier = vdupq_n_s32(multiplier[0]);
        scales.shift = vdupq_n_s32(fitted ? multiplier[0] | ~15 : shift[0]);
    } else {
        scales.multiplier = te_load_s32(multiplier + first, whole, lanes);
        scales.shift = fitted ? vorrq_s32(scales.multiplier, vdupq_n_s32(~15))
                              : te_load_s8_s32(shift + first, whole, lanes);
    }
    return scales;
}

/* te_requantize of every lane. `max_shift` is the largest shift of the layer. `ties`: whether ties below zero
   count, which they do not where the output is clamped at its zero point.

   The rounding shift takes ties up. Taking 1 from what is negative first sends them down, and moves nothing
   else: a shift by s >= 1 gives floor((v + 2^(s-1)) / 2^s), which v - 1 changes only for v = 2^(s-1) mod 2^s.
   A shift by 0 must be spared: `v & shift` is negative where v is and shift < 0. */
static inline int32x4_t te_requantize_x4(int32x4_t value, te_scales by, int32_t max_shift, int ties) {
    if (max_shift > 0) {
        value = vshlq_s32(value, vmaxq_s32(by.shift, vdupq_n_s32(0)));
        by.shift = vminq_s32(by.shift, vdupq_n_s32(0));
    }
    value = vqrdmulhq_s32(value, by.multiplier);
    if (ties)
        value = vaddq_s32(value, vshrq_n_s32(max_shift < 0 ? value : vandq_s32(value, by.shift), 31));
    return vrshlq_s32(value, by.shift);
}

/* te_requantize of every lane by numbers of the layer. With a shift to the right, the 1 that sends ties down
   goes into the multiplication: a negative value times a multiplier is negative or 0, and less 1 still rounds to
   0. Without one, there is nothing to round. */
static inline int32x4_t te_requantize_all_x4(int32x4_t value, int32_t multiplier, int32_t shift) {
    if (shift < 0)
        return vrshlq_n_s32(vqrdmlahq_n_s32(vshrq_n_s32(value, 31), value, multiplier), shift);
    return vqrdmulhq_n_s32(vshlq_r_s32(value, shift), multiplier);
}

/* memcpy and memset, for sizes that do not pay a call. Where a size is a constant, what is left after whole
   vectors is another whole one that overlaps them. */
static inline void te_copy_s8(int8_t *to, const int8_t *from, int32_t count) {
    int32_t left = count;
    for (; left >= 16; left -= 16) {
        TE_BARRIER(); /* lest this become a call of memcpy */
        vstrbq_s8(to, vldrbq_s8(from));
        to += 16;
        from += 16;
    }
    if (left > 0 && __builtin_constant_p(count) && count > 16) {
        TE_BARRIER();
        vstrbq_s8(to + left - 16, vldrbq_s8(from + left - 16));
    } else if (left > 0) {
        const mve_pred16_t inside = vctp8q((uint32_t)left);
        TE_KEEP_STORED();
        vstrbq_p_s8(to, vldrbq_z_s8(from, inside), inside);
    }
}

static inline void te_fill_s8(int8_t *to, int32_t value, int32_t count) {
    const int8x16_t values = vdupq_n_s8((int8_t)value);
    for (; count >= 16; count -= 16) {
        TE_BARRIER();
        vstrbq_s8(to, values);
        to += 16;
    }
    if (count > 0) {
        TE_KEEP_STORED();
        vstrbq_p_s8(to, values, vctp8q((uint32_t)count));
    }
}

#endif
