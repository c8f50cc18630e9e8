/* SPDX-License-Identifier: Apache-2.0 */
/* What the instructions of pie.h do, for machines that have none of them: registers as a struct. What is
   loaded and stored is what the core would, byte for byte, so that a sanitizer sees it.

   Lanes and ACCX saturate as the manual says; no kernel lets them. tests/emulated/test_pie_model.py
   holds all of it against Espressif's emulator. Nothing is inlined: sanitizers would make
   much of it. */
#ifndef TE_PIE_MODEL_H
#define TE_PIE_MODEL_H

#include "kernels/kernel.h"

typedef struct te_pie {
    int8_t q[8][16];
    int64_t accx;
    int32_t qacc[16];
    uint32_t sar_byte;
} te_pie;

#define TE_PIE_FENCE() ((void)0)
#define TE_PIE_INLINE static inline
#define TE_PIE_STEP static __attribute__((noinline, unused))

TE_PIE_STEP const int8_t *te_pie_floor(const void *p, uintptr_t unit) {
    return (const int8_t *)((uintptr_t)p & ~(unit - 1));
}

TE_PIE_STEP int64_t te_pie_saturated(int64_t value, int32_t bits) {
    const int64_t most = (INT64_C(1) << (bits - 1)) - 1;
    return value > most ? most : value < -most - 1 ? -most - 1 : value;
}

TE_PIE_STEP void te_pie_vld(te_pie *s, int32_t q, const void *from) {
    memcpy(s->q[q], te_pie_floor(from, 16), 16);
}

TE_PIE_STEP void te_pie_vst(const te_pie *s, int32_t q, int8_t *to) {
    memcpy(to - (uintptr_t)to % 16, s->q[q], 16);
}

TE_PIE_STEP void te_pie_mac(te_pie *s, int32_t x, int32_t y) {
    int64_t sum = s->accx;
    for (int32_t i = 0; i < 16; i++)
        sum += s->q[x][i] * s->q[y][i];
    s->accx = te_pie_saturated(sum, 40);
}

TE_PIE_STEP void te_pie_lanes(te_pie *s, int32_t x, int32_t y) {
    for (int32_t i = 0; i < 16; i++)
        s->qacc[i] = (int32_t)te_pie_saturated(s->qacc[i] + s->q[x][i] * s->q[y][i], 20);
}

TE_PIE_STEP void te_pie_src(te_pie *s, int32_t to, int32_t low, int32_t high) {
    int8_t both[32];
    memcpy(both, s->q[low], 16);
    memcpy(both + 16, s->q[high], 16);
    memcpy(s->q[to], both + s->sar_byte, 16);
}

TE_PIE_STEP void te_pie_ld_accx(te_pie *s, const void *from) {
    uint64_t word;
    memcpy(&word, te_pie_floor(from, 8), 8);
    s->accx = (int64_t)(word << 24) >> 24;
}

TE_PIE_STEP void te_pie_zero(te_pie *s, int32_t q) { memset(s->q[q], 0, 16); }

TE_PIE_STEP void te_pie_xor(te_pie *s, int32_t to, int32_t x, int32_t y) {
    for (int32_t i = 0; i < 16; i++)
        s->q[to][i] = (int8_t)(s->q[x][i] ^ s->q[y][i]);
}

TE_PIE_STEP void te_pie_zip(te_pie *s, int32_t a, int32_t b) {
    int8_t both[32];
    for (int32_t i = 0; i < 32; i++)
        both[i] = s->q[i % 2 ? b : a][i / 2];
    memcpy(s->q[a], both, 16);
    memcpy(s->q[b], both + 16, 16);
}

TE_PIE_STEP void te_pie_unzip(te_pie *s, int32_t a, int32_t b) {
    int8_t both[32];
    memcpy(both, s->q[a], 16);
    memcpy(both + 16, s->q[b], 16);
    for (int32_t i = 0; i < 32; i++)
        s->q[i % 2 ? b : a][i / 2] = both[i];
}

TE_PIE_STEP void te_pie_extremum(te_pie *s, int32_t largest, int32_t to, int32_t x, int32_t y) {
    for (int32_t i = 0; i < 16; i++)
        s->q[to][i] = (s->q[x][i] > s->q[y][i]) == largest ? s->q[x][i] : s->q[y][i];
}

/* The number i of eight in a register. */
TE_PIE_STEP int16_t te_pie_get_s16(const te_pie *s, int32_t q, int32_t i) {
    int16_t number;
    memcpy(&number, s->q[q] + 2 * i, 2);
    return number;
}

TE_PIE_STEP void te_pie_put_s16(te_pie *s, int32_t q, int32_t i, int64_t value) {
    const int16_t number = (int16_t)value;
    memcpy(s->q[q] + 2 * i, &number, 2);
}

TE_PIE_STEP void te_pie_extremum_s16(te_pie *s, int32_t largest, int32_t to, int32_t x, int32_t y) {
    for (int32_t i = 0; i < 8; i++) {
        const int16_t a = te_pie_get_s16(s, x, i), b = te_pie_get_s16(s, y, i);
        te_pie_put_s16(s, to, i, (a > b) == largest ? a : b);
    }
}

TE_PIE_STEP void te_pie_sub_s16(te_pie *s, int32_t to, int32_t x, int32_t y) {
    for (int32_t i = 0; i < 8; i++)
        te_pie_put_s16(s, to, i, te_pie_saturated(te_pie_get_s16(s, x, i) - te_pie_get_s16(s, y, i), 16));
}

TE_PIE_STEP void te_pie_less_s16(te_pie *s, int32_t to, int32_t x, int32_t y) {
    for (int32_t i = 0; i < 8; i++)
        te_pie_put_s16(s, to, i, te_pie_get_s16(s, x, i) < te_pie_get_s16(s, y, i) ? -1 : 0);
}

TE_PIE_STEP void te_pie_zero_qacc(te_pie *s) { memset(s->qacc, 0, sizeof s->qacc); }

TE_PIE_STEP void te_pie_mac_s16(te_pie *s, int32_t x, int32_t y) {
    int64_t sum = s->accx;
    for (int32_t i = 0; i < 8; i++)
        sum += te_pie_get_s16(s, x, i) * te_pie_get_s16(s, y, i);
    s->accx = te_pie_saturated(sum, 40);
}

/* Lane i of 40 bits is bytes 5 * i to 5 * i + 4 of QACC, which is two lanes of 20 bits. */
TE_PIE_STEP int64_t te_pie_get_wide(const te_pie *s, int32_t i) {
    const uint64_t two = ((uint64_t)s->qacc[2 * i] & 0xFFFFF) | ((uint64_t)s->qacc[2 * i + 1] & 0xFFFFF)
                                                                    << 20;
    return (int64_t)(two << 24) >> 24;
}

TE_PIE_STEP void te_pie_put_wide(te_pie *s, int32_t i, int64_t lane) {
    s->qacc[2 * i] = (int32_t)((uint32_t)lane << 12) >> 12;
    s->qacc[2 * i + 1] = (int32_t)((uint64_t)lane >> 20 << 12) >> 12;
}

TE_PIE_STEP void te_pie_wide(te_pie *s, int32_t x, int32_t y) {
    for (int32_t i = 0; i < 8; i++) {
        const int64_t product = (int64_t)te_pie_get_s16(s, x, i) * te_pie_get_s16(s, y, i);
        te_pie_put_wide(s, i, te_pie_saturated(te_pie_get_wide(s, i) + product, 40));
    }
}

TE_PIE_STEP void te_pie_wide_shift(te_pie *s, int32_t q, int32_t by) {
    for (int32_t i = 0; i < 8; i++) {
        const int64_t lane = te_pie_get_wide(s, i) >> by;
        te_pie_put_wide(s, i, lane);
        te_pie_put_s16(s, q, i, te_pie_saturated(lane, 16));
    }
}

/* The 20 bytes of QACC_L or QACC_H: two lanes are five bytes. */
TE_PIE_STEP void te_pie_get_half(const te_pie *s, int32_t half, uint8_t *bytes) {
    for (int32_t i = 0; i < 4; i++) {
        const int32_t *lane = s->qacc + 8 * half + 2 * i;
        const uint64_t two = ((uint64_t)lane[0] & 0xFFFFF) | ((uint64_t)lane[1] & 0xFFFFF) << 20;
        memcpy(bytes + 5 * i, &two, 5);
    }
}

TE_PIE_STEP void te_pie_ld_qacc(te_pie *s, int32_t half, int32_t at, int32_t count, const void *from) {
    uint8_t bytes[20];
    te_pie_get_half(s, half, bytes);
    memcpy(bytes + at, te_pie_floor(from, (uintptr_t)count), (size_t)count);
    for (int32_t i = 0; i < 4; i++) {
        int32_t *lane = s->qacc + 8 * half + 2 * i;
        uint64_t two = 0;
        memcpy(&two, bytes + 5 * i, 5);
        lane[0] = (int32_t)((int64_t)(two << 44) >> 44);
        lane[1] = (int32_t)((int64_t)(two << 24) >> 44);
    }
}

TE_PIE_STEP void te_pie_st_qacc(const te_pie *s, int32_t half, int32_t at, int32_t count, int8_t *to) {
    uint8_t bytes[20];
    te_pie_get_half(s, half, bytes);
    memcpy(to - (uintptr_t)to % (uintptr_t)count, bytes + at, (size_t)count);
}

TE_PIE_STEP int32_t te_pie_clamp(int32_t value) { return te_clamp(value, -128, 127); }

TE_PIE_STEP int32_t te_pie_clamp_s16(int32_t value) { return te_clamp(value, -32768, 32767); }

TE_PIE_STEP uint32_t te_pie_word(const void *from) {
    uint32_t word;
    memcpy(&word, from, 4);
    return word;
}

TE_PIE_STEP void te_pie_put_word(int8_t *to, uint32_t word) { memcpy(to, &word, 4); }

TE_PIE_STEP void te_pie_copy_word(int8_t *to, const int8_t *from) { memcpy(to, from, 4); }

#define TE_PIE_PAST(p, step) ((p) += (step) / (int)sizeof *(p))
#define TE_PIE_VLD(s, q, p, step) (te_pie_vld(s, q, p), TE_PIE_PAST(p, step))
#define TE_PIE_VLD_XP(s, q, p, by) (te_pie_vld(s, q, p), (p) += (by))
#define TE_PIE_VLD_USAR(s, q, p, step) ((s)->sar_byte = (uintptr_t)(p) % 16, TE_PIE_VLD(s, q, p, step))
#define TE_PIE_VST(s, q, p, step) (te_pie_vst(s, q, p), TE_PIE_PAST(p, step))
#define TE_PIE_SRC(s, to, low, high) te_pie_src(s, to, low, high)
#define TE_PIE_ZERO(s, q) te_pie_zero(s, q)
#define TE_PIE_XOR(s, to, x, y) te_pie_xor(s, to, x, y)
#define TE_PIE_ZIP(s, a, b) te_pie_zip(s, a, b)
#define TE_PIE_UNZIP(s, a, b) te_pie_unzip(s, a, b)
#define TE_PIE_MAX(s, to, x, y) te_pie_extremum(s, 1, to, x, y)
#define TE_PIE_MIN(s, to, x, y) te_pie_extremum(s, 0, to, x, y)
#define TE_PIE_MAX_S16(s, to, x, y) te_pie_extremum_s16(s, 1, to, x, y)
#define TE_PIE_MIN_S16(s, to, x, y) te_pie_extremum_s16(s, 0, to, x, y)
#define TE_PIE_SUB_S16(s, to, x, y) te_pie_sub_s16(s, to, x, y)
#define TE_PIE_LESS_S16(s, to, x, y) te_pie_less_s16(s, to, x, y)
#define TE_PIE_ZERO_QACC(s) te_pie_zero_qacc(s)
#define TE_PIE_LD_ACCX(s, p, step) (te_pie_ld_accx(s, p), TE_PIE_PAST(p, step))
#define TE_PIE_ACCX(s, sum) ((sum) = (int32_t)(uint32_t)(uint64_t)(s)->accx)
#define TE_PIE_MAC_LD(s, to, p, step, x, y) (te_pie_mac(s, x, y), TE_PIE_VLD(s, to, p, step))
#define TE_PIE_ACCX_UPPER(s, upper) ((upper) = (int32_t)((uint64_t)(s)->accx >> 32 & 0xFF))
#define TE_PIE_MAC_S16_LD(s, to, p, step, x, y) (te_pie_mac_s16(s, x, y), TE_PIE_VLD(s, to, p, step))
#define TE_PIE_LANES_LD(s, to, p, step, x, y) (te_pie_lanes(s, x, y), TE_PIE_VLD(s, to, p, step))
#define TE_PIE_WIDE_LD(s, to, p, step, x, y) (te_pie_wide(s, x, y), TE_PIE_VLD(s, to, p, step))
#define TE_PIE_WIDE_SHIFT(s, q, by) te_pie_wide_shift(s, q, by)
#define TE_PIE_LD_QACC_LL(s, p, step) (te_pie_ld_qacc(s, 0, 0, 16, p), TE_PIE_PAST(p, step))
#define TE_PIE_LD_QACC_LH(s, p, step) (te_pie_ld_qacc(s, 0, 16, 4, p), TE_PIE_PAST(p, step))
#define TE_PIE_LD_QACC_HL(s, p, step) (te_pie_ld_qacc(s, 1, 0, 16, p), TE_PIE_PAST(p, step))
#define TE_PIE_LD_QACC_HH(s, p, step) (te_pie_ld_qacc(s, 1, 16, 4, p), TE_PIE_PAST(p, step))
#define TE_PIE_ST_QACC_LL(s, p, step) (te_pie_st_qacc(s, 0, 0, 16, p), TE_PIE_PAST(p, step))
#define TE_PIE_ST_QACC_LH(s, p, step) (te_pie_st_qacc(s, 0, 16, 4, p), TE_PIE_PAST(p, step))
#define TE_PIE_ST_QACC_HL(s, p, step) (te_pie_st_qacc(s, 1, 0, 16, p), TE_PIE_PAST(p, step))
#define TE_PIE_ST_QACC_HH(s, p, step) (te_pie_st_qacc(s, 1, 16, 4, p), TE_PIE_PAST(p, step))
#define TE_PIE_WORD(word, from, offset) ((word) = te_pie_word((from) + (offset)))

#endif
