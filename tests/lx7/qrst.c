/* SPDX-License-Identifier: Apache-2.0 */
/* QRST, instructions of three registers, by the tables of the Xtensa Instruction Set Architecture Reference
   Manual, chapter "Opcode Encodings", whose names the functions have. */
#include "core.h"

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
            core_lacks(is);
        core->a[10] = 0;
        break;
    default:
        core_lacks(is);
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
        core_lacks(is);
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
            core_lacks(is);
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
            core_lacks(is);
        *to = is->s == 0 || (int32_t)y < 0 ? 0 - y : y;
        break;
    case 5:
    case 7:
        core_lacks(is);
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
            core_lacks(is);
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
        core_lacks(is);
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
        core_lacks(is);
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
    case 14: /* RUR.ACCX_0 and RUR.ACCX_1 */
        if ((is->word >> 4 & 255) > 1)
            core_lacks(is);
        *to = (is->word >> 4 & 1) != 0 ? (uint32_t)((uint64_t)core->vectors.accx >> 32 & 255)
                                       : (uint32_t)(uint64_t)core->vectors.accx;
        break;
    default:
        core_lacks(is);
    }
}

void qrst_step(struct core *core, const struct instruction *is) {
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
        core_lacks(is);
    }
}
