/* SPDX-License-Identifier: Apache-2.0 */
/* The integer instructions, by the tables of the Xtensa Instruction Set Architecture Reference Manual, chapter
   "Opcode Encodings", whose names the functions have. What has no line there, or none here, ends the program. */
#include "core.h"

static _Noreturn void unknown(const struct instruction *is) { chip_end("unknown instruction", is->word); }

static int32_t within(int32_t value, uint32_t bits) {
    const int32_t most = (int32_t)((UINT32_C(1) << bits) - 1);
    return value > most ? most : value < -most - 1 ? -most - 1 : value;
}

/* JR, JX, CALLX: no windows, but of the boot ROM's functions, which do nothing here and give 0. */
static void snm0(struct core *core, const struct instruction *is) {
    const uint32_t to = core->a[is->s];
    switch (is->t) {
    case 8: /* RET */
        core->next = core->a[0];
        break;
    case 10: /* JX */
        core->next = to;
        break;
    case 12: /* CALLX0 */
        core->a[0] = core->next;
        core->next = to;
        break;
    case 14: /* CALLX8 */
        if (!chip_is_rom(to))
            unknown(is);
        core->a[10] = 0;
        break;
    default:
        unknown(is);
    }
}

static uint32_t leading(uint32_t value) { return value == 0 ? 32 : (uint32_t)__builtin_clz(value); }

static void st1(struct core *core, const struct instruction *is) {
    const uint32_t value = core->a[is->s];
    uint32_t *sar = &core->special[SAR];
    switch (is->r) {
    case 0: /* SSR */
        *sar = value & 31;
        break;
    case 1: /* SSL */
        *sar = 32 - (value & 31);
        break;
    case 2: /* SSA8L */
        *sar = (value & 3) * 8;
        break;
    case 3: /* SSA8B */
        *sar = 32 - (value & 3) * 8;
        break;
    case 4: /* SSAI */
        *sar = is->s | (is->t & 1) << 4;
        break;
    case 14: /* NSA */
        core->a[is->t] = leading((int32_t)value < 0 ? ~value : value) - 1;
        break;
    case 15: /* NSAU */
        core->a[is->t] = leading(value);
        break;
    default:
        unknown(is);
    }
}

static void rst0(struct core *core, const struct instruction *is) {
    const uint32_t x = core->a[is->s], y = core->a[is->t];
    uint32_t *to = &core->a[is->r];
    switch (is->op2) {
    case 0: /* ST0: SNM0; SYNC, of which nothing is needed */
        if (is->r == 0)
            snm0(core, is);
        else if (is->r != 2)
            unknown(is);
        break;
    case 1: /* AND */
        *to = x & y;
        break;
    case 2: /* OR */
        *to = x | y;
        break;
    case 3: /* XOR */
        *to = x ^ y;
        break;
    case 4:
        st1(core, is);
        break;
    case 6: /* RT0: NEG, ABS */
        if (is->s > 1)
            unknown(is);
        *to = is->s == 0 || (int32_t)y < 0 ? 0 - y : y;
        break;
    case 5:
    case 7:
        unknown(is);
    default: /* ADD, ADDX2, ADDX4, ADDX8; SUB and so on */
        *to = (x << (is->op2 & 3)) + (is->op2 & 4 ? 0 - y : y);
    }
}

static void rst1(struct core *core, const struct instruction *is) {
    const uint32_t x = core->a[is->s], y = core->a[is->t], sar = core->special[SAR] & 63;
    const uint32_t high = (is->op2 & 1) << 4;
    uint32_t *to = &core->a[is->r];
    switch (is->op2) {
    case 0: /* SLLI, whose field is 32 less what it shifts by */
    case 1:
        *to = x << ((32 - (is->t | high)) & 31);
        break;
    case 2: /* SRAI */
    case 3:
        *to = (uint32_t)((int32_t)y >> (is->s | high));
        break;
    case 4: /* SRLI */
        *to = y >> is->s;
        break;
    case 6: { /* XSR */
        uint32_t *special = &core->special[is->word >> 8 & 255];
        if (special != &core->special[SAR])
            unknown(is);
        core->a[is->t] = *special;
        *special = y & 63;
        break;
    }
    case 8: /* SRC */
        *to = (uint32_t)(((uint64_t)x << 32 | y) >> sar);
        break;
    case 9: /* SRL */
        *to = (uint32_t)((uint64_t)y >> sar);
        break;
    case 10: /* SLL */
        *to = (uint32_t)((uint64_t)x << 32 >> sar);
        break;
    case 11: /* SRA */
        *to = (uint32_t)((int64_t)(int32_t)y >> sar);
        break;
    case 12: /* MUL16U */
        *to = (x & 0xFFFF) * (y & 0xFFFF);
        break;
    case 13: /* MUL16S */
        *to = (uint32_t)((int16_t)x * (int16_t)y);
        break;
    default:
        unknown(is);
    }
}

static void rst2(struct core *core, const struct instruction *is) {
    const uint32_t x = core->a[is->s], y = core->a[is->t];
    const bool over = (int32_t)y == -1; /* where C has no quotient of the least number */
    uint32_t *to = &core->a[is->r];
    if (is->op2 >= 12 && y == 0)
        chip_end("division by zero", is->word);
    switch (is->op2) {
    case 8: /* MULL */
        *to = x * y;
        break;
    case 10: /* MULUH */
        *to = (uint32_t)((uint64_t)x * y >> 32);
        break;
    case 11: /* MULSH */
        *to = (uint32_t)((int64_t)(int32_t)x * (int32_t)y >> 32);
        break;
    case 12: /* QUOU */
        *to = x / y;
        break;
    case 13: /* QUOS */
        *to = over ? 0 - x : (uint32_t)((int32_t)x / (int32_t)y);
        break;
    case 14: /* REMU */
        *to = x % y;
        break;
    case 15: /* REMS */
        *to = over ? 0 : (uint32_t)((int32_t)x % (int32_t)y);
        break;
    default:
        unknown(is);
    }
}

static void rst3(struct core *core, const struct instruction *is) {
    const uint32_t x = core->a[is->s], y = core->a[is->t], special = is->word >> 8 & 255;
    uint32_t *to = &core->a[is->r];
    switch (is->op2) {
    case 0: /* RSR */
        core->a[is->t] = special == CCOUNT ? (uint32_t)core->executed : core->special[special];
        break;
    case 1: /* WSR */
        core->special[special] = y;
        break;
    case 2: /* SEXT */
        *to = (uint32_t)signed_of(x, is->t + 8);
        break;
    case 3: /* CLAMPS */
        *to = (uint32_t)within((int32_t)x, is->t + 7);
        break;
    case 4: /* MIN */
        *to = (int32_t)x < (int32_t)y ? x : y;
        break;
    case 5: /* MAX */
        *to = (int32_t)x > (int32_t)y ? x : y;
        break;
    case 6: /* MINU */
        *to = x < y ? x : y;
        break;
    case 7: /* MAXU */
        *to = x > y ? x : y;
        break;
    case 8: /* MOVEQZ */
        *to = y == 0 ? x : *to;
        break;
    case 9: /* MOVNEZ */
        *to = y != 0 ? x : *to;
        break;
    case 10: /* MOVLTZ */
        *to = (int32_t)y < 0 ? x : *to;
        break;
    case 11: /* MOVGEZ */
        *to = (int32_t)y >= 0 ? x : *to;
        break;
    case 14: /* RUR.ACCX_0 */
        if ((is->word >> 4 & 255) != 0)
            unknown(is);
        *to = (uint32_t)(uint64_t)core->vectors.accx;
        break;
    default:
        unknown(is);
    }
}

static void qrst(struct core *core, const struct instruction *is) {
    switch (is->op1) {
    case 0:
        rst0(core, is);
        break;
    case 1:
        rst1(core, is);
        break;
    case 2:
        rst2(core, is);
        break;
    case 3:
        rst3(core, is);
        break;
    case 4: /* EXTUI */
    case 5:
        core->a[is->r] = core->a[is->t] >> (is->s | (is->op1 & 1) << 4) & ((UINT32_C(2) << is->op2) - 1);
        break;
    default:
        unknown(is);
    }
}

static void lsai(struct core *core, const struct instruction *is) {
    const uint32_t constant = is->word >> 16, base = core->a[is->s];
    uint32_t *at = &core->a[is->t];
    uint16_t half;
    switch (is->r) {
    case 0: /* L8UI */
        *at = *chip_memory(base + constant, 1);
        break;
    case 1: /* L16UI, L16SI */
    case 9:
        memcpy(&half, chip_memory(base + 2 * constant, 2), 2);
        *at = is->r == 1 ? half : (uint32_t)(int16_t)half;
        break;
    case 2: /* L32I */
        *at = chip_load(base + 4 * constant);
        break;
    case 4: /* S8I */
        *chip_writable(base + constant, 1) = (uint8_t)*at;
        break;
    case 5: /* S16I */
        half = (uint16_t)*at;
        memcpy(chip_writable(base + 2 * constant, 2), &half, 2);
        break;
    case 6: /* S32I */
        chip_store(base + 4 * constant, *at);
        break;
    case 10: /* MOVI */
        *at = (uint32_t)signed_of(constant | is->s << 8, 12);
        break;
    case 12: /* ADDI */
        *at = base + (uint32_t)signed_of(constant, 8);
        break;
    case 13: /* ADDMI */
        *at = base + ((uint32_t)signed_of(constant, 8) << 8);
        break;
    default:
        unknown(is);
    }
}

static void loop(struct core *core, const struct instruction *is, uint32_t end) {
    const uint32_t count = core->a[is->s];
    const bool none = is->r == 9 ? count == 0 : is->r == 10 && (int32_t)count <= 0; /* LOOPNEZ, LOOPGTZ */
    core->special[LBEG] = core->next;
    core->special[LEND] = end;
    core->special[LCOUNT] = count - 1;
    if (none)
        core->next = end;
}

/* EQ, NE, LT, GE by number */
static bool holds(uint32_t which, int32_t x, int32_t y) {
    return which == 0 ? x == y : which == 1 ? x != y : which == 2 ? x < y : x >= y;
}

/* J, and branches that compare with a constant. */
static void si(struct core *core, const struct instruction *is) {
    static const int32_t b4const[] = {-1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256};
    const uint32_t kind = is->t & 3, which = is->t >> 2, x = core->a[is->s], from = core->pc + 4;
    const uint32_t near = from + (uint32_t)signed_of(is->word >> 16, 8);
    const uint32_t unsigned_constant = is->r < 2 ? UINT32_C(0x8000) << is->r : (uint32_t)b4const[is->r];
    switch (kind) {
    case 0: /* J */
        core->next = from + (uint32_t)signed_of(is->word >> 6, 18);
        return;
    case 1: /* BEQZ, BNEZ, BLTZ, BGEZ */
        if (holds(which, (int32_t)x, 0))
            core->next = from + (uint32_t)signed_of(is->word >> 12, 12);
        return;
    case 2: /* BEQI, BNEI, BLTI, BGEI */
        if (holds(which, (int32_t)x, b4const[is->r]))
            core->next = near;
        return;
    default:
        if (which == 2 ? x < unsigned_constant : which == 3 && x >= unsigned_constant) /* BLTUI, BGEUI */
            core->next = near;
        if (which == 1 && is->r >= 8 && is->r <= 10)
            loop(core, is, from + (is->word >> 16));
        else if (which < 2)
            unknown(is);
    }
}

/* Branches that compare two registers; from 8 on what they do is turned round. */
static void b(struct core *core, const struct instruction *is) {
    const uint32_t x = core->a[is->s], y = core->a[is->t];
    bool taken = false;
    switch (is->r & 7) {
    case 0: /* BNONE, BANY */
        taken = (x & y) == 0;
        break;
    case 1: /* BEQ, BNE */
        taken = x == y;
        break;
    case 2: /* BLT, BGE */
        taken = (int32_t)x < (int32_t)y;
        break;
    case 3: /* BLTU, BGEU */
        taken = x < y;
        break;
    case 4: /* BALL, BNALL */
        taken = (~x & y) == 0;
        break;
    case 5: /* BBC, BBS */
        taken = (x >> (y & 31) & 1) == 0;
        break;
    default: /* BBCI, BBSI */
        taken = (x >> (is->t | (is->r & 1) << 4) & 1) == 0;
    }
    if (taken != (is->r >= 8))
        core->next = core->pc + 4 + (uint32_t)signed_of(is->word >> 16, 8);
}

static void st2(struct core *core, const struct instruction *is) {
    const uint32_t high = is->r | (is->t & 7) << 4;
    if (is->t < 8) /* MOVI.N, from -32 on */
        core->a[is->s] = high >= 96 ? high - 128 : high;
    else if ((core->a[is->s] == 0) == (is->t < 12)) /* BEQZ.N, BNEZ.N */
        core->next = core->pc + 4 + (high & 63);
}

static void st3(struct core *core, const struct instruction *is) {
    if (is->r == 0) /* MOV.N */
        core->a[is->t] = core->a[is->s];
    else if (is->r == 15 && is->t == 0) /* RET.N */
        core->next = core->a[0];
    else if (is->r != 15 || is->t != 3) /* NOP.N */
        unknown(is);
}

void core_step(struct core *core) {
    const uint8_t *at = chip_memory(core->pc, 4);
    const uint32_t op0 = at[0] & 15, length = op0 >= 14 ? 4 : op0 >= 8 ? 2 : 3;
    struct instruction is = {0};
    memcpy(&is.word, at, length);
    is.t = is.word >> 4 & 15;
    is.s = is.word >> 8 & 15;
    is.r = is.word >> 12 & 15;
    is.op1 = is.word >> 16 & 15;
    is.op2 = is.word >> 20 & 15;
    plugins_executed(core->pc);
    core->executed++;
    const uint32_t behind = core->next = core->pc + length;
    uint32_t *a = core->a;
    switch (op0) {
    case 0:
        qrst(core, &is);
        break;
    case 1: /* L32R */
        a[is.t] = chip_load(((core->pc + 3) & ~UINT32_C(3)) + (0xFFFC0000u | is.word >> 8 << 2));
        break;
    case 2:
        lsai(core, &is);
        break;
    case 5: /* CALL0 */
        if ((is.t & 3) != 0)
            unknown(&is);
        a[0] = behind;
        core->next = (core->pc & ~UINT32_C(3)) + 4 + ((uint32_t)signed_of(is.word >> 6, 18) << 2);
        break;
    case 6:
        si(core, &is);
        break;
    case 7:
        b(core, &is);
        break;
    case 8: /* L32I.N */
        a[is.t] = chip_load(a[is.s] + 4 * is.r);
        break;
    case 9: /* S32I.N */
        chip_store(a[is.s] + 4 * is.r, a[is.t]);
        break;
    case 10: /* ADD.N */
        a[is.r] = a[is.s] + a[is.t];
        break;
    case 11: /* ADDI.N */
        a[is.r] = a[is.s] + (is.t == 0 ? UINT32_MAX : is.t);
        break;
    case 12:
        st2(core, &is);
        break;
    case 13:
        st3(core, &is);
        break;
    default: /* 4, 14, 15; 3 is of a unit that this core lacks */
        if (!(op0 == 4 && mac16_step(core, &is)) && !vectors_step(core, &is))
            unknown(&is);
    }
    /* Loops end without a branch, and a branch to where they end leaves them. */
    if (core->next == behind && behind == core->special[LEND] && core->special[LCOUNT] != 0) {
        core->special[LCOUNT]--;
        core->next = core->special[LBEG];
    }
    core->pc = core->next;
}
