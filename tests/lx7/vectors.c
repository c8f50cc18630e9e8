/* SPDX-License-Identifier: Apache-2.0 */
/* The vector instructions: where their fields are is as firmware/kernels/pie/encoding.h says, what they do is
   firmware/kernels/pie/model.h. Memory here and there is at the same place of 16 bytes. */
#include "core.h"

/* The bits of an instruction's fields */
enum {
    AS = 0xF0,
    QV = 0x308000,   /* a vector in bits 20, 21 and 15 */
    STEP = 0x407F00, /* 8 bits, in 22 and 14 to 8 */
    XS = 0x0CF0,     /* two vectors of EE.XORQ */
    LOW = 0x7000,    /* a vector in 14 to 12 */
    XY = 0x5F00,     /* two vectors of EE.VMAX.S8 */
    MAC = 0x0F88FFF1 /* all of an instruction of 32 bits */
};

static int32_t qv(uint32_t word) { return (int32_t)((word >> 20 & 3) << 1 | (word >> 15 & 1)); }

static int32_t low(uint32_t word) { return (int32_t)(word >> 12 & 7); }

/* The address in AS, which the model rounds down to a multiple of `unit`. */
static const int8_t *from(const struct core *core, uint32_t word, uint32_t unit) {
    const uint32_t address = core->a[word >> 4 & 15], within = address & (unit - 1);
    return (const int8_t *)chip_memory(address - within, unit) + within;
}

static int8_t *to(const struct core *core, uint32_t word, uint32_t unit) {
    const uint32_t address = core->a[word >> 4 & 15], within = address & (unit - 1);
    return (int8_t *)chip_writable(address - within, unit) + within;
}

static void past(struct core *core, uint32_t word, int32_t unit) {
    core->a[word >> 4 & 15] += (uint32_t)(signed_of((word >> 22 & 1) << 7 | (word >> 8 & 127), 8) * unit);
}

static void vld(struct core *core, uint32_t word) {
    te_pie_vld(&core->vectors, qv(word), from(core, word, 16));
    past(core, word, 16);
}

static void vld_xp(struct core *core, uint32_t word) {
    te_pie_vld(&core->vectors, qv(word), from(core, word, 16));
    core->a[word >> 4 & 15] += core->a[word >> 8 & 15];
}

static void vld_usar(struct core *core, uint32_t word) {
    core->vectors.sar_byte = core->a[word >> 4 & 15] & 15;
    vld(core, word);
}

static void vst(struct core *core, uint32_t word) {
    te_pie_vst(&core->vectors, qv(word), to(core, word, 16));
    past(core, word, 16);
}

static void src(struct core *core, uint32_t word) {
    te_pie_src(&core->vectors, (int32_t)(word >> 4 & 7), low(word), qv(word));
}

static void zero(struct core *core, uint32_t word) { te_pie_zero(&core->vectors, qv(word)); }

static void xor(struct core *core, uint32_t word) {
    const uint32_t x = (word >> 6 & 3) << 1 | (word >> 4 & 1), y = (word >> 10 & 3) << 1 | (word >> 5 & 1);
    te_pie_xor(&core->vectors, qv(word), (int32_t)x, (int32_t)y);
}

static void zip(struct core *core, uint32_t word) { te_pie_zip(&core->vectors, low(word), qv(word)); }

static void unzip(struct core *core, uint32_t word) { te_pie_unzip(&core->vectors, low(word), qv(word)); }

/* The two vectors of XY. */
static int32_t first(uint32_t word) { return (int32_t)(word >> 8 & 7); }

static int32_t second(uint32_t word) { return (int32_t)((word >> 11 & 3) | (word >> 14 & 1) << 2); }

static void extremum(struct core *core, uint32_t word) {
    te_pie_extremum(&core->vectors, (word & AS) == 0x40, qv(word), first(word), second(word));
}

static void extremum_s16(struct core *core, uint32_t word) {
    te_pie_extremum_s16(&core->vectors, (word & AS) == 0x20, qv(word), first(word), second(word));
}

static void sub_s16(struct core *core, uint32_t word) {
    te_pie_sub_s16(&core->vectors, qv(word), first(word), second(word));
}

static void less_s16(struct core *core, uint32_t word) {
    te_pie_less_s16(&core->vectors, qv(word), first(word), second(word));
}

static void zero_qacc(struct core *core, uint32_t word) {
    (void)word;
    te_pie_zero_qacc(&core->vectors);
}

static void ld_accx(struct core *core, uint32_t word) {
    te_pie_ld_accx(&core->vectors, from(core, word, 8));
    past(core, word, 8);
}

static void ld_half(struct core *core, uint32_t word, int32_t half, int32_t place, int32_t count) {
    te_pie_ld_qacc(&core->vectors, half, place, count, from(core, word, (uint32_t)count));
    past(core, word, count);
}

static void st_half(struct core *core, uint32_t word, int32_t half, int32_t place, int32_t count) {
    te_pie_st_qacc(&core->vectors, half, place, count, to(core, word, (uint32_t)count));
    past(core, word, count);
}

static void ld_ll(struct core *core, uint32_t word) { ld_half(core, word, 0, 0, 16); }
static void ld_lh(struct core *core, uint32_t word) { ld_half(core, word, 0, 16, 4); }
static void ld_hl(struct core *core, uint32_t word) { ld_half(core, word, 1, 0, 16); }
static void ld_hh(struct core *core, uint32_t word) { ld_half(core, word, 1, 16, 4); }
static void st_ll(struct core *core, uint32_t word) { st_half(core, word, 0, 0, 16); }
static void st_lh(struct core *core, uint32_t word) { st_half(core, word, 0, 16, 4); }
static void st_hl(struct core *core, uint32_t word) { st_half(core, word, 1, 0, 16); }
static void st_hh(struct core *core, uint32_t word) { st_half(core, word, 1, 16, 4); }

static void wide_shift(struct core *core, uint32_t word) {
    te_pie_wide_shift(&core->vectors, qv(word), (int32_t)(core->a[word >> 4 & 15] & 63));
}

/* x and y are multiplied, then a vector is loaded, which may be one of them. */
static void multiply_load(struct core *core, uint32_t word, void (*multiply)(te_pie *, int32_t, int32_t)) {
    const uint32_t loaded = (word >> 24 & 3) << 1 | (word >> 19 & 1),
                   steps = (word >> 8 & 15) | (word >> 26 & 3) << 4;
    const uint32_t x = (word >> 14 & 3) | (word & 1) << 2, y = (word >> 12 & 3) << 1 | (word >> 23 & 1);
    multiply(&core->vectors, (int32_t)x, (int32_t)y);
    te_pie_vld(&core->vectors, (int32_t)loaded, from(core, word, 16));
    core->a[word >> 4 & 15] += (uint32_t)(signed_of(steps, 6) * 16);
}

static void mac_ld(struct core *core, uint32_t word) { multiply_load(core, word, te_pie_mac); }
static void mac_s16_ld(struct core *core, uint32_t word) { multiply_load(core, word, te_pie_mac_s16); }
static void lanes_ld(struct core *core, uint32_t word) { multiply_load(core, word, te_pie_lanes); }
static void wide_ld(struct core *core, uint32_t word) { multiply_load(core, word, te_pie_wide); }

static const struct {
    uint32_t word, fields; /* what the rest of the bits is, and which are fields */
    void (*step)(struct core *core, uint32_t word);
} known[] = {
    {0x830004, QV | AS | STEP, vld},
    {0x8D2004, QV | AS | 0xF00, vld_xp},
    {0x810004, QV | AS | STEP, vld_usar},
    {0x8A0004, QV | AS | STEP, vst},
    {0xCC0304, QV | LOW | 0x70, src},
    {0xCD7FA4, QV, zero},
    {0xCD3104, QV | XS, xor},
    {0xCC03D4, QV | LOW, zip},
    {0xCC03A4, QV | LOW, unzip},
    {0x8E2044, QV | XY, extremum},
    {0x8E2074, QV | XY, extremum},
    {0x8E2024, QV | XY, extremum_s16},
    {0x8E2054, QV | XY, extremum_s16},
    {0x8E20D4, QV | XY, sub_s16},
    {0x8E00F4, QV | XY, less_s16},
    {0x250844, 0, zero_qacc},
    {0x0E0004, AS | STEP, ld_accx},
    {0xCD7204, QV | AS, wide_shift},
    {0x000004, AS | STEP, ld_ll},
    {0x160004, AS | STEP, ld_lh},
    {0x060004, AS | STEP, ld_hl},
    {0x1E0004, AS | STEP, ld_hh},
    {0x0C0004, AS | STEP, st_ll},
    {0x1D0004, AS | STEP, st_lh},
    {0x0D0004, AS | STEP, st_hl},
    {0x120004, AS | STEP, st_hh},
    {0xF002000E, MAC, mac_ld},
    {0xF000000E, MAC, mac_s16_ld},
    {0xF003000E, MAC, lanes_ld},
    {0xF001000E, MAC, wide_ld},
};

bool vectors_step(struct core *core, const struct instruction *is) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((is->word & ~known[i].fields) == known[i].word) {
            known[i].step(core, is->word);
            return true;
        }
    return false;
}
