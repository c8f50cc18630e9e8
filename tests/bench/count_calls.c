/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU plugin for QEMU 9, whose inline counters have another form: as count.c, but every instruction calls back. */
#include "intervals.h"

EXPORT int qemu_plugin_version = 4;

static void on_begin(unsigned int cpu, void *user) {
    (void)cpu, (void)user;
    counting = true;
}

static void on_instruction(unsigned int cpu, void *counter) {
    (void)cpu;
    if (counting)
        ++*(uint64_t *)counter;
}

static void collect(void) {} /* counted where it belongs */

static void count(struct qemu_plugin_insn *insn, uint64_t offset) {
    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_instruction, NO_REGISTERS, &inside[offset]);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info;
    if (!read_arguments(argc, argv))
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
    return 0;
}
