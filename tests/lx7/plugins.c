/* SPDX-License-Identifier: Apache-2.0 */
/* What tests/qemu_plugin.h has of QEMU's plugin interface, so that what counts in QEMU counts here, too. A
   block is one instruction; plugins see it before it is executed first. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "../qemu_plugin.h"
#include "core.h"

enum { ARGUMENTS = 16 };

struct qemu_plugin_insn {
    uint32_t pc;
    struct hook *hooks;
};
struct qemu_plugin_tb {
    struct qemu_plugin_insn insn;
};

/* What is called before an instruction, in the order of registration. */
struct hook {
    executed_t callback;
    void *user;
    struct hook *next;
};

/* By address: an instruction is at any byte. Code is within so many bytes of where it starts. */
enum { SPAN = 1 << 20 };
static struct qemu_plugin_tb *blocks[SPAN];
static translated_t translated;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, translated_t callback) {
    (void)id;
    translated = callback;
}

void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, executed_t callback, int flags,
                                            void *user) {
    (void)flags;
    struct hook **last = &insn->hooks, *hook = malloc(sizeof *hook);
    if (hook == NULL)
        chip_end("no memory for plugins", 0);
    *hook = (struct hook){callback, user, NULL};
    while (*last != NULL)
        last = &(*last)->next;
    *last = hook;
}

/* An "inline" counter, of QEMU 4.2 to 8: a number of 64 bits to which one is added. */
static void add_one(unsigned int cpu, void *counter) {
    (void)cpu;
    ++*(uint64_t *)counter;
}

void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *counter,
                                                uint64_t add);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *counter,
                                                uint64_t add) {
    if (op != 0 || add != 1)
        chip_end("a plugin that adds", (uint32_t)add);
    qemu_plugin_register_vcpu_insn_exec_cb(insn, add_one, NO_REGISTERS, counter);
}

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block) {
    (void)block;
    return 1;
}

struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t i) {
    (void)i;
    return &blocks[block->insn.pc % SPAN]->insn;
}

uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn) { return insn->pc; }

void plugins_executed(uint32_t pc) {
    if (translated == NULL)
        return;
    struct qemu_plugin_tb *block = blocks[pc % SPAN];
    if (block == NULL) {
        block = blocks[pc % SPAN] = calloc(1, sizeof *block);
        if (block == NULL)
            chip_end("no memory for plugins", 0);
        block->insn.pc = pc;
        translated(0, block);
    }
    for (const struct hook *hook = block->insn.hooks; hook != NULL; hook = hook->next)
        hook->callback(0, hook->user);
}

/* "FILE,ARGUMENT,...", as QEMU has it. */
void plugins_load(const char *file_and_arguments) {
    char *words[ARGUMENTS], *text = strdup(file_and_arguments);
    int count = 0;
    for (char *word = text == NULL ? NULL : strtok(text, ","); word != NULL && count < ARGUMENTS;
         word = strtok(NULL, ","))
        words[count++] = word;
    void *plugin = count == 0 ? NULL : dlopen(words[0], RTLD_NOW);
    int (*install)(qemu_plugin_id_t, const void *, int, char **) = NULL;
    if (plugin != NULL)
        *(void **)&install = dlsym(plugin, "qemu_plugin_install");
    if (install == NULL || install(0, NULL, count - 1, words + 1) != 0)
        chip_end("a plugin that cannot be used", 0);
    free(text);
}
