/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU plugin: holds every load and store of a layer in the arena against the plan.

   Arguments: plan=FILE,out=FILE. The plan's lines, numbers as strtoull reads them:
     arena ADDRESS BYTES     the arena
     layer ADDRESS           a layer begins where this instruction is executed
     input ADDRESS BYTES     the layer before this line may load from here
     output ADDRESS BYTES    ... and store there
     end ADDRESS             no layer runs from here on: with a layer before it, the end of a run
     rereads                 the layer before this line may load again what it stored over an input
     aligned BYTES           loads and stores of layers, anywhere, of up to that size lie at its multiples
   A store must go to an output of the layer; a load must come from one of its inputs, from a byte that this
   layer has not stored to, or from an output to a byte that it has. At the end of a run, FILE gets the number of
   runs, loads and stores that were looked at, and a line for each instruction that broke a rule. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

EXPORT int qemu_plugin_version = 1;

enum { TOLD = 100 };

struct range {
    uint64_t start, size;
};

/* A concatenation may have any number of inputs. */
struct ranges {
    struct range *each;
    size_t count;
};

struct layer {
    uint64_t entry;
    struct ranges inputs, outputs;
    bool rereads;
};

struct violation {
    const char *what;
    uint64_t instruction, offset;
    size_t layer;
};

static struct range arena;
static struct layer *layers;
static size_t n_layers;
static uint64_t end, aligned;
static const char *out;

static struct layer *running;
static uint32_t *stored; /* by byte of the arena: the turn in which it was last stored to */
static uint32_t turn;    /* counts the layers that have run */
static uint64_t runs, loads, stores;
static struct violation told[TOLD];
static size_t n_told;

static bool within(const struct ranges *ranges, uint64_t address) {
    for (size_t i = 0; i < ranges->count; i++)
        if (address - ranges->each[i].start < ranges->each[i].size)
            return true;
    return false;
}

static void add(struct ranges *ranges, struct range range) {
    ranges->each = realloc(ranges->each, (ranges->count + 1) * sizeof *ranges->each);
    ranges->each[ranges->count++] = range;
}

/* Keeps the first violation of each instruction: a loop would fill the list with its own. */
static void tell(const char *what, uint64_t instruction, uint64_t address) {
    for (size_t i = 0; i < n_told; i++)
        if (told[i].instruction == instruction && told[i].what == what)
            return;
    if (n_told == TOLD)
        return;
    told[n_told++] = (struct violation){what, instruction, address - arena.start, (size_t)(running - layers)};
}

static void on_access(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t first, void *user) {
    (void)cpu;
    const uint64_t bytes = (uint64_t)1 << qemu_plugin_mem_size_shift(info);
    if (running != NULL && bytes <= aligned && first % bytes != 0)
        tell("is misaligned at", (uintptr_t)user, first);
    if (running == NULL || first - arena.start >= arena.size)
        return;
    const bool store = qemu_plugin_mem_is_store(info);
    *(store ? &stores : &loads) += 1;
    for (uint64_t address = first; address < first + bytes; address++) {
        if (address - arena.start >= arena.size) {
            tell("leaves the arena at", (uintptr_t)user, address);
            continue;
        }
        uint32_t *last = &stored[address - arena.start];
        if (store) {
            if (!within(&running->outputs, address))
                tell("stores outside the outputs to", (uintptr_t)user, address);
            *last = turn;
        } else if (!within(&running->inputs, address)) {
            if (*last != turn)
                tell("loads what is no input from", (uintptr_t)user, address);
        } else if (*last == turn && !running->rereads) {
            tell("loads an input that was overwritten from", (uintptr_t)user, address);
        }
    }
}

static void on_layer(unsigned int cpu, void *user) {
    (void)cpu;
    running = user;
    turn++;
}

static void on_end(unsigned int cpu, void *user) {
    (void)cpu, (void)user;
    if (running == NULL)
        return; /* it is called before a run, too */
    running = NULL;
    runs++;
    /* Now and not at exit: an emulator that has done its work is killed. */
    FILE *file = fopen(out, "w");
    if (file == NULL)
        return;
    fprintf(file, "runs %" PRIu64 "\nloads %" PRIu64 "\nstores %" PRIu64 "\n", runs, loads, stores);
    for (size_t i = 0; i < n_told; i++)
        fprintf(file, "layer %zu: the instruction at 0x%" PRIx64 " %s byte %" PRIu64 "\n", told[i].layer,
                told[i].instruction, told[i].what, told[i].offset);
    fclose(file);
}

static void on_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        const uint64_t address = qemu_plugin_insn_vaddr(insn);
        for (size_t layer = 0; layer < n_layers; layer++)
            if (address == layers[layer].entry)
                qemu_plugin_register_vcpu_insn_exec_cb(insn, on_layer, NO_REGISTERS, &layers[layer]);
        if (address == end)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, NO_REGISTERS, NULL);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, NO_REGISTERS, LOADS_AND_STORES,
                                         (void *)(uintptr_t)address);
    }
}

static bool read_plan(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    char word[16];
    struct range range;
    bool good = true;
    while (good && fscanf(file, "%15s", word) == 1) {
        const bool plain = strcmp(word, "rereads") == 0;
        const bool sized =
            strcmp(word, "arena") == 0 || strcmp(word, "input") == 0 || strcmp(word, "output") == 0;
        good = (plain || fscanf(file, "%" SCNi64, (int64_t *)&range.start) == 1) &&
               (!sized || fscanf(file, "%" SCNi64, (int64_t *)&range.size) == 1);
        if (strcmp(word, "arena") == 0) {
            arena = range;
        } else if (strcmp(word, "end") == 0) {
            end = range.start;
        } else if (strcmp(word, "aligned") == 0) {
            aligned = range.start;
        } else if (strcmp(word, "layer") == 0) {
            layers = realloc(layers, (n_layers + 1) * sizeof *layers);
            memset(&layers[n_layers], 0, sizeof *layers);
            layers[n_layers++].entry = range.start;
        } else if (n_layers == 0) {
            good = false;
        } else if (plain) {
            layers[n_layers - 1].rereads = true;
        } else {
            struct layer *layer = &layers[n_layers - 1];
            add(strcmp(word, "input") == 0 ? &layer->inputs : &layer->outputs, range);
        }
    }
    fclose(file);
    return good && n_layers > 0 && arena.size > 0;
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info;
    const char *plan = NULL;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "plan=", 5) == 0)
            plan = argv[i] + 5;
        else if (strncmp(argv[i], "out=", 4) == 0)
            out = strdup(argv[i] + 4);
        else
            return 1;
    }
    if (plan == NULL || out == NULL)
        return 1;
    if (!read_plan(plan)) {
        fprintf(stderr, "%s is no plan, or has no layer\n", plan);
        return 1;
    }
    stored = calloc(arena.size, sizeof *stored);
    if (stored == NULL)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
    return 0;
}
