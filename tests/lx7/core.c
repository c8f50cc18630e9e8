/* SPDX-License-Identifier: Apache-2.0 */
/* An instruction at a time: loads, stores, branches, loops, and what is narrow, by the tables of the Xtensa
   Instruction Set Architecture Reference Manual, chapter "Opcode Encodings", whose names the functions have.
   What has no line there, or none here, ends the program. */
#include "core.h"

_Noreturn void core_lacks(const struct instruction *is) { chip_end("unknown instruction", is->word); }

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
        core_lacks(is);
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
            core_lacks(is);
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
        core_lacks(is);
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
        qrst_step(core, &is);
        break;
    case 1: /* L32R */
        a[is.t] = chip_load(((core->pc + 3) & ~UINT32_C(3)) + (0xFFFC0000u | is.word >> 8 << 2));
        break;
    case 2:
        lsai(core, &is);
        break;
    case 5: /* CALL0 */
        if ((is.t & 3) != 0)
            core_lacks(&is);
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
            core_lacks(&is);
    }
    /* Loops end without a branch, and a branch to where they end leaves them. */
    if (core->next == behind && behind == core->special[LEND] && core->special[LCOUNT] != 0) {
        core->special[LCOUNT]--;
        core->next = core->special[LBEG];
    }
    core->pc = core->next;
}
