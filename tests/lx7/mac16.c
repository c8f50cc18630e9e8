/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions of firmware/kernels/mac16/mac16.h (Xtensa Instruction Set Architecture Reference Manual,
   "MAC16 Option"; encodings MACID, MACIA, MACDA, MACAA and MACI). */
#include "core.h"

static int64_t half(uint32_t word, uint32_t high) { return (int16_t)(high ? word >> 16 : word); }

/* `which` are bits 17 and 16 of an instruction: the upper halves of the first, of the second factor. */
static void multiply(struct core *core, uint32_t which, uint32_t x, uint32_t y, bool add) {
    uint64_t sum = (uint64_t)core->special[ACCHI] << 32 | core->special[ACCLO];
    sum = (add ? sum : 0) + (uint64_t)(half(x, which & 1) * half(y, which & 2));
    core->special[ACCLO] = (uint32_t)sum;
    core->special[ACCHI] = (uint32_t)(sum >> 32) & 255;
}

static void load(struct core *core, const struct instruction *is) {
    core->a[is->s] += 4;
    core->special[M0 + (is->r & 3)] = chip_load(core->a[is->s]);
}

bool mac16_step(struct core *core, const struct instruction *is) {
    const uint32_t kind = is->op1 >> 2, which = is->op1 & 3;
    const uint32_t x = core->special[M0 + (is->r >> 2 & 1)], y = core->special[M0 + 2 + (is->t >> 2 & 1)];
    const uint32_t s = core->a[is->s], t = core->a[is->t];
    switch (is->op2 << 4 | kind) {
    case 0x02: /* MULA.DD.*.LDINC */
        multiply(core, which, x, y, true);
        load(core, is);
        return true;
    case 0x42: /* MULA.DA.*.LDINC */
        multiply(core, which, x, t, true);
        load(core, is);
        return true;
    case 0x62: /* MULA.DA.* */
        multiply(core, which, x, t, true);
        return true;
    case 0x71: /* MUL.AA.* */
        multiply(core, which, s, t, false);
        return true;
    default:
        if (is->op2 != 8 || is->op1 != 0) /* LDINC */
            return false;
        load(core, is);
        return true;
    }
}
