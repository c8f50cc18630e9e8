/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU plugin for QEMU 4.2 to 8: counts the instructions of intervals exactly (intervals.h), by counters inlined into
   the translated code. */
#include "intervals.h"

enum { ADD_U64 = 0 };

void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *counter,
                                                uint64_t add);

EXPORT int qemu_plugin_version = 1;

static uint64_t *running, *at_begin;

static void on_begin(unsigned int cpu, void *user) {
    (void)cpu, (void)user;
    memcpy(at_begin, running, size * sizeof *running);
    counting = true;
}

static void collect(void) {
    for (uint64_t i = 0; i < size; i++)
        inside[i] += running[i] - at_begin[i];
}

static void count(struct qemu_plugin_insn *insn, uint64_t offset) {
    qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &running[offset], 1);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info;
    if (!read_arguments(argc, argv))
        return 1;
    running = calloc(size, sizeof *running);
    at_begin = calloc(size, sizeof *at_begin);
    if (running == NULL || at_begin == NULL)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
    return 0;
}
