/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the counting plugins: what is between two program counters, added up over all such intervals.

   Arguments: begin=ADDRESS,end=ADDRESS,code=ADDRESS,size=BYTES,out=FILE (numbers as strtoull reads them). An
   interval goes from `begin` being executed to `end` being executed; the plugin counts the instructions in
   [code, code + size). After each interval FILE gets a line "intervals N", then a line "ADDRESS COUNT" for
   every address that was executed inside one. */
#ifndef INTERVALS_H
#define INTERVALS_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../qemu_plugin.h"

/* Instructions start at any byte on Xtensa. */
static uint64_t begin, end, code, size;
static const char *out;
static uint64_t *inside; /* by byte of the code */
static bool counting;

/* The plugin's own part: how an instruction is counted, and what is done where an interval begins and ends. */
static void count(struct qemu_plugin_insn *insn, uint64_t offset);
static void on_begin(unsigned int cpu, void *user);
static void collect(void);

/* Now and not at exit: an emulator that has done its work is killed. */
static void on_end(unsigned int cpu, void *user) {
    static uint64_t intervals;
    (void)cpu, (void)user;
    FILE *file = counting ? fopen(out, "w") : NULL;
    if (file == NULL)
        return;
    counting = false;
    collect();
    fprintf(file, "intervals %" PRIu64 "\n", ++intervals);
    for (uint64_t i = 0; i < size; i++)
        if (inside[i] != 0)
            fprintf(file, "0x%" PRIx64 " %" PRIu64 "\n", code + i, inside[i]);
    fclose(file);
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
            count(insn, address - code);
    }
}

static bool read_arguments(int argc, char **argv) {
    const struct {
        const char *name;
        uint64_t *number;
    } numbers[] = {{"begin=", &begin}, {"end=", &end}, {"code=", &code}, {"size=", &size}};
    for (int i = 0; i < argc; i++) {
        bool known = strncmp(argv[i], "out=", 4) == 0;
        if (known)
            out = strdup(argv[i] + 4);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            const size_t length = strlen(numbers[k].name);
            if (strncmp(argv[i], numbers[k].name, length) == 0) {
                *numbers[k].number = strtoull(argv[i] + length, NULL, 0);
                known = true;
            }
        }
        if (!known)
            return false;
    }
    inside = calloc(size, sizeof *inside);
    return out != NULL && inside != NULL;
}

#endif
