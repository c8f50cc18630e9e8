/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU plugin for QEMU 4.2 to 8 and Thumb: counts, of each instruction in intervals (intervals.h), how often another than
   the next in memory followed it: a branch that was taken, a return, an interrupt. */
#include "intervals.h"

EXPORT int qemu_plugin_version = 1;

const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);

static uint8_t *lengths; /* by byte of the code */
static uint64_t last;    /* what was executed last, from the start of the code */
static bool any;

static void on_begin(unsigned int cpu, void *user) {
    (void)cpu, (void)user;
    counting = true;
    any = false;
}

static void on_instruction(unsigned int cpu, void *user) {
    (void)cpu;
    const uint64_t offset = (uint64_t)((uint64_t *)user - inside);
    if (counting && any && offset != last + lengths[last])
        inside[last]++;
    last = offset;
    any = true;
}

/* What led to the end, which is not counted itself. */
static void collect(void) {
    if (any && end - code != last + lengths[last])
        inside[last]++;
}

static void count(struct qemu_plugin_insn *insn, uint64_t offset) {
    /* Of Thumb: the five highest bits tell. QEMU's own figure has, at the end of a page, two bytes too many, those
     * by which it sees whether the next instruction lies in it. */
    uint16_t first;
    memcpy(&first, qemu_plugin_insn_data(insn), sizeof first);
    lengths[offset] = first >> 11 < 0x1D ? 2 : 4;
    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_instruction, NO_REGISTERS, &inside[offset]);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info;
    if (!read_arguments(argc, argv))
        return 1;
    lengths = calloc(size, sizeof *lengths);
    if (lengths == NULL)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
    return 0;
}
