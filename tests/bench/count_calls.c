/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU plugin: as count.c, for QEMU 9 (plugin interface 4), whose inline counters have another form: every
   instruction in [code, code + size) calls back. Slower, and of no use for older ones. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*translated_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
typedef void (*executed_t)(unsigned int cpu, void *user);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, translated_t callback);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, executed_t callback, int flags,
                                            void *user);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 4;

enum { NO_REGISTERS = 0 };

static uint64_t begin, end, code, size;
static const char *out;
static uint64_t *inside;
static uint64_t intervals;
static bool counting;

static void on_begin(unsigned int cpu, void *user) {
    (void)cpu, (void)user;
    counting = true;
}

static void on_end(unsigned int cpu, void *user) {
    (void)cpu, (void)user;
    FILE *file = counting ? fopen(out, "w") : NULL;
    if (file == NULL)
        return;
    counting = false;
    fprintf(file, "intervals %" PRIu64 "\n", ++intervals);
    for (uint64_t i = 0; i < size; i++)
        if (inside[i] != 0)
            fprintf(file, "0x%" PRIx64 " %" PRIu64 "\n", code + i, inside[i]);
    fclose(file);
}

static void on_instruction(unsigned int cpu, void *counter) {
    (void)cpu;
    if (counting)
        ++*(uint64_t *)counter;
}

static void on_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        const uint64_t address = qemu_plugin_insn_vaddr(insn);
        if (address == begin)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin, NO_REGISTERS, NULL);
        if (address == end)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, NO_REGISTERS, NULL);
        if (address - code < size)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_instruction, NO_REGISTERS,
                                                   &inside[address - code]);
    }
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            return 1;
        *value++ = '\0';
        if (strcmp(argv[i], "begin") == 0)
            begin = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "end") == 0)
            end = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "code") == 0)
            code = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "size") == 0)
            size = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "out") == 0)
            out = strdup(value);
        else
            return 1;
    }
    inside = calloc(size, sizeof *inside);
    if (out == NULL || inside == NULL)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
    return 0;
}
