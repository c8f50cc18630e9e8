/* SPDX-License-Identifier: Apache-2.0 */
/* Runs generated models for tests/model_runner.py: reads {model number, arena size} and the arena's contents
   from stdin, runs the model in a block of exactly that size, which the sanitizers guard, writes the contents
   to stdout. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "models.h" /* DECLARE_MODELS; MODELS: the run function of every model */

DECLARE_MODELS
static void (*const models[])(void *arena) = {MODELS};

int main(void) {
    uint32_t head[2];
    while (fread(head, sizeof head, 1, stdin) == 1) {
        uint8_t *arena = malloc(head[1]);
        if (arena == NULL || head[0] >= sizeof models / sizeof *models ||
            fread(arena, head[1], 1, stdin) != 1)
            return 1;
        models[head[0]](arena);
        if (fwrite(arena, head[1], 1, stdout) != 1)
            return 1;
        free(arena);
    }
    return 0;
}
